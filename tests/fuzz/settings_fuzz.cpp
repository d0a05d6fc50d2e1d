// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/train/settings_json.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

// The settings in a checkpoint: what was read comes back the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::string again = to_json_text(settings_from_json_text(text));
    fuzz::require(to_json_text(settings_from_json_text(again)) == again);
  } catch (const DataError&) {
  }
  return 0;
}
