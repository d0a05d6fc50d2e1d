// SPDX-License-Identifier: Apache-2.0
// Histograms of a trainer's state and of its gradients, by their tags.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/tensorboard.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// In the network's order: "weights/<state>" of kernels and biases, "gamma/<layer>", "beta/<layer>",
// "moving_mean/<layer>" and whatever other statistics of floats there are; then "gradients/<state>"
// of all that trains (train/gradient_probe.h), for batches of so many images of `data`; without
// images not.
EVENKEEL_API std::vector<std::pair<std::string, tensorboard::Histogram>> run_histograms(
    const Trainer& trainer, const Dataset& data, std::int64_t batch);

}  // namespace evenkeel
