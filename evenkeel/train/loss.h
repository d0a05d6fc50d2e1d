// SPDX-License-Identifier: Apache-2.0
// Losses: from the network's logits and the labels to one number.
#pragma once

#include <optional>
#include <string_view>

#include "evenkeel/base/export.h"

namespace evenkeel {

// Each is the mean over the batch; graph/ops/softmax_cross_entropy.h and losses.h have the
// formulas. Labels are classes (one number an image) or targets (one number an image and class:
// one-hot, several classes at once, or values to be fitted), as the data set has them.
enum class Loss {
  softmax_cross_entropy,  // one class of K; "logits" without softmax
  sigmoid_cross_entropy,  // each of K classes by itself, yes or no; "logits" without sigmoid
  mean_squared_error      // "logits" are the predictions
};

inline Loss softmax_cross_entropy() { return Loss::softmax_cross_entropy; }
inline Loss sigmoid_cross_entropy() { return Loss::sigmoid_cross_entropy; }
inline Loss mean_squared_error() { return Loss::mean_squared_error; }

// "softmax_cross_entropy", ...
EVENKEEL_API std::string_view to_string(Loss loss);
EVENKEEL_API std::optional<Loss> parse_loss(std::string_view text);

}  // namespace evenkeel
