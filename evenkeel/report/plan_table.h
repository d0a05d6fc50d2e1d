// SPDX-License-Identifier: Apache-2.0
// A plan as a person reads it: passes, memory, and what runs in which phase.
#pragma once

#include <cstdint>
#include <string>

#include "evenkeel/compile/plan.h"

namespace evenkeel {

// Kernel calls of one run: each slice of the batch counts, a division among threads doesn't.
std::int64_t kernel_calls(const Plan& plan);
// "4 x 32 images", "98 blocks", "1 lane", "2 threads": how a phase is divided.
std::string division_of(const Phase& phase, int threads);
// "arena", "state" or "slice": where a step's outputs lie, each place once.
std::string places_of(const Step& step);

// `title` heads it: "training".
std::string to_text(const Plan& plan, const std::string& title);

}  // namespace evenkeel
