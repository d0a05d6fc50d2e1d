// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/formats/npz.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

namespace {

constexpr std::uint64_t kMostRead = 1 << 20;  // bytes of an array: what is larger costs only time

void read(const Npz& npz, const NpzArray& array) {
  fuzz::require(array.header.size <= array.entry.size);
  if (array.entry.size > kMostRead) return;
  std::uint64_t bytes = 0;
  npz.read(array, [&](std::span<const std::byte> piece) { bytes += piece.size(); });
  fuzz::require(bytes == array.entry.size - array.header.size);
  const auto values = npz.integers(array);
  fuzz::require(values.size() * static_cast<std::uint64_t>(array.header.item_bytes) == bytes);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Npz npz(memory_source(fuzz::bytes_of(data, size)), "fuzz");
    for (const std::string& name : npz.names()) {
      try {
        if (const auto array = npz.find(name)) read(npz, *array);
      } catch (const DataError&) {  // the next one may be good
      }
    }
  } catch (const DataError&) {
  }
  return 0;
}
