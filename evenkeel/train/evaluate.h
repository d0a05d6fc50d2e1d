// SPDX-License-Identifier: Apache-2.0
// Evaluations that several callbacks look at.
//   const Evaluate look = once_a_step(evaluate_on(mnist.validation));
//   trainer.fit(mnist.train, {.callbacks = {early_stopping(look), reduce_on_plateau(look)}});
#pragma once

#include <functional>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

using Evaluate = std::function<Evaluation(Trainer&)>;

EVENKEEL_API Evaluate evaluate_on(Dataset data);

// Calls `evaluate` once for each step: whoever asks again before the trainer's next one gets the
// same. Of one trainer's run, whose state changes by steps alone; copies share what they know.
EVENKEEL_API Evaluate once_a_step(Evaluate evaluate);

}  // namespace evenkeel
