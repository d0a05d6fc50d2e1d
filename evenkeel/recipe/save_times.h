// SPDX-License-Identifier: Apache-2.0
// When checkpoints are written, as a recipe or --save-every says it.
#pragma once

#include <string>

#include "evenkeel/train/save_every.h"

namespace evenkeel {

// "500" or "500steps": steps; "60s", "1.5m", "2h": a time; "0": never. InvalidArgument otherwise.
EVENKEEL_API SaveTimes parse_save_times(const std::string& text);

}  // namespace evenkeel
