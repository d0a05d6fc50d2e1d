// SPDX-License-Identifier: Apache-2.0
// What a person types after --save-every.
#pragma once

#include <string>

#include "evenkeel/train/save_every.h"

namespace evenkeel::cli {

// "500" or "500steps": steps; "60s", "1.5m", "2h": a time; "0": never. InvalidArgument otherwise.
SaveTimes parse_save_every(const std::string& text);

}  // namespace evenkeel::cli
