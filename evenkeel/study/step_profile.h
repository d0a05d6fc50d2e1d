// SPDX-License-Identifier: Apache-2.0
// Where the time of a training step goes, by doing a few.
#pragma once

#include <cstdint>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/runtime/profiler.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct ProfileOptions {
  std::int64_t batch = 128;
  std::int64_t steps = 10;  // at most; two more go before them
  double seconds = 2;       // none is begun after them
};

// Changes the trainer's state, which nobody should go on with. What fit() throws. Empty where it
// did no step.
EVENKEEL_API Profile profile_steps(Trainer& trainer, const Dataset& data,
                                   const ProfileOptions& options = {});

// `count` images of noise that fit the network, with labels: a step takes as long with them.
EVENKEEL_API Dataset noise_for(const Model& model, std::int64_t count);

}  // namespace evenkeel
