// SPDX-License-Identifier: Apache-2.0
// The settings of a run as JSON text, as checkpoints keep them.
#pragma once

#include <string>

#include "evenkeel/train/checkpoint.h"

namespace evenkeel {

std::string to_json_text(const RunSettings& settings);
// DataError where a setting is missing, of another type, or makes no sense.
RunSettings settings_from_json_text(const std::string& text);

}  // namespace evenkeel
