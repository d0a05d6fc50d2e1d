// SPDX-License-Identifier: Apache-2.0
// Where the time of a plan goes, by phase and step.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "evenkeel/compile/plan.h"

namespace evenkeel {

struct StepTime {
  std::string name;
  std::string kernel;
  double seconds = 0;  // summed over workers
  double flops = 0;    // of one run
};

struct PhaseTime {
  PhaseKind kind = PhaseKind::whole;
  std::int64_t extent = 1;
  double seconds = 0;  // by the clock on the wall
  std::vector<StepTime> steps;
};

// Times summed over `runs` runs.
struct Profile {
  std::int64_t runs = 0;
  double seconds = 0;
  std::vector<PhaseTime> phases;

  static Profile of(const Plan& plan);
};

}  // namespace evenkeel
