// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/formats/gzip.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::bytes_of(data, size);
  // A limit that inputs reach, and the one that data sets are read with.
  for (const std::size_t limit : {std::size_t{1000}, std::size_t{2} << 30}) {
    try {
      fuzz::require(gunzip(bytes, "fuzz", limit).size() <= limit);
    } catch (const DataError&) {
    }
  }
  return 0;
}
