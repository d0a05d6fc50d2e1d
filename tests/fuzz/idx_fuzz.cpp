// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/formats/idx.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::bytes_of(data, size);
  for (const std::size_t rank : {1, 3}) {
    try {
      const IdxView view = parse_idx(bytes, rank, "fuzz");
      fuzz::require(view.shape.rank() == rank);
      fuzz::require(view.shape.elements() == static_cast<std::int64_t>(view.values.size()));
      fuzz::require(view.values.data() + view.values.size() == data + size);
    } catch (const DataError&) {
    }
  }
  return 0;
}
