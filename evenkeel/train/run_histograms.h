// SPDX-License-Identifier: Apache-2.0
// Histograms of a trainer's state and of its gradients, by their tags.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/tensorboard.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

using TakeHistogram =
    std::function<void(const std::string& tag, const tensorboard::Histogram& histogram)>;

// One after another, in the network's order: "weights/<state>" of kernels and biases,
// "gamma/<layer>", "beta/<layer>", "moving_mean/<layer>" and whatever other statistics of floats
// there are; then "gradients/<state>" of all that trains (TrainerView::next_gradients), for updates
// of so many images of `data`; without images not. Of tensors where they are: no memory is taken
// for copies.
EVENKEEL_API void run_histograms(const Trainer& trainer, const Dataset& data, std::int64_t images,
                                 const TakeHistogram& take);

}  // namespace evenkeel
