// SPDX-License-Identifier: Apache-2.0
// The gradients that a trainer's next step has, for looking at: the trainer stays as it is.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/base/tensor.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// Of the loss alone, by every state that trains, in the network's order: one batch, that of the
// next step, forward and backward with batch statistics and the step's dropout, but without
// augmentation; no penalties, no clipping, and of accumulated batches the first. Compiles a plan
// and computes in memory of its own, which costs about two steps. Empty where the loss is not
// finite, or the batch is none that training could take.
EVENKEEL_API std::vector<std::pair<std::string, Tensor>> next_gradients(const Trainer& trainer,
                                                                        const Dataset& data,
                                                                        std::int64_t batch);

}  // namespace evenkeel
