// SPDX-License-Identifier: Apache-2.0
// The values that state starts with.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "evenkeel/graph/ops/leaves.h"

namespace evenkeel {

// Fills `bytes` with the initial value of state `name`: a function of (seed, name, index) alone,
// drawn in f64 and rounded, so that f32 and f64 start alike.
EVENKEEL_API void initialise(const State& state, std::string_view name, std::uint64_t seed,
                             std::span<std::byte> bytes);

}  // namespace evenkeel
