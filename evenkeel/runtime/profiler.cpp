// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/profiler.h"

namespace evenkeel {

Profile Profile::of(const Plan& plan) {
  Profile profile;
  for (const Phase& phase : plan.run) {
    PhaseTime time{phase.kind, phase.extent, 0, {}};
    for (const Step& step : phase.steps)
      time.steps.push_back({step.name, step.kernel, 0, step.flops});
    profile.phases.push_back(std::move(time));
  }
  return profile;
}

}  // namespace evenkeel
