// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/formats/safetensors.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

namespace {

// What was read can be written, and reads back the same but for its checksums, which are made anew.
void require_round_trip(const SafetensorsFile& file) {
  TensorViews views;
  for (const auto& [name, tensor] : file.tensors) views.emplace(name, tensor);
  const auto again = SafetensorsFile::parse(serialize_safetensors(views, file.metadata), "again");
  fuzz::require(again.tensors == file.tensors);
  for (const auto& [key, value] : file.metadata)
    fuzz::require(key.starts_with(kChecksumPrefix) || again.metadata_value(key) == value);
  verify_checksums(again);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const SafetensorsFile file = SafetensorsFile::parse(fuzz::bytes_of(data, size), "fuzz");
    std::size_t stored = 0;
    for (const auto& [name, tensor] : file.tensors) stored += tensor.bytes.size();
    fuzz::require(stored <= size);
    require_round_trip(file);
    verify_checksums(file);
  } catch (const DataError&) {
  }
  return 0;
}
