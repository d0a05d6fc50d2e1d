// SPDX-License-Identifier: Apache-2.0
// The layers there are. Each returns a Layer, to be called with a scope and values:
//   const Value y = layers::dense(10)(scope, x);
// Weights: "<layer>/kernel" [R,S,C/G,K] or [in,out], "<layer>/bias", gamma, beta, ...
#pragma once

#include <concepts>

#include "evenkeel/model/layer.h"
#include "evenkeel/model/options.h"

namespace evenkeel::layers {

// [N,H,W,C] -> [N,P,Q,filters]; graph/ops/conv2d.h has the formula.
EVENKEEL_API Layer conv2d(std::int64_t filters, Size2 kernel, const Conv2dOptions& options = {});
// Each channel by itself: [N,H,W,C] -> [N,P,Q,C multiplier].
EVENKEEL_API Layer depthwise_conv2d(Size2 kernel, const DepthwiseConv2dOptions& options = {});
// [N,H,W,C] -> [N,P,Q,C].
EVENKEEL_API Layer max_pool2d(Size2 window, const MaxPool2dOptions& options = {});
EVENKEEL_API Layer avg_pool2d(Size2 window, const AvgPool2dOptions& options = {});
// [N,H,W,C] -> [N,C].
EVENKEEL_API Layer global_max_pool2d(std::string name = {});
EVENKEEL_API Layer global_avg_pool2d(std::string name = {});
// [N,..] -> [N,features], and to any shape of as many elements a sample.
EVENKEEL_API Layer flatten(std::string name = {});
EVENKEEL_API Layer reshape(std::vector<std::int64_t> each_sample, std::string name = {});
// [N,in] -> [N,units].
EVENKEEL_API Layer dense(std::int64_t units, const DenseOptions& options = {});
// The same shape [N,..]; graph/ops/batch_norm.h has the formula. Cannot be called twice: each place
// has statistics of its own. A second value, scope.sample_weights(), weighs the samples in the
// statistics: mean = sum w x / sum w, and so the variance; the gradient goes through both.
EVENKEEL_API Layer batch_norm(const BatchNormOptions& options = {});
EVENKEEL_API Layer batch_norm_by_preset(Preset preset, std::string name = {});
// `batch_norm(Preset::torch)`: with the rank of the value that it is called with. A template, so
// that batch_norm({}) is none of them.
template <std::same_as<Preset> P>
Layer batch_norm(P preset, std::string name = {}) {
  return batch_norm_by_preset(preset, std::move(name));
}
// [N,..,C], by statistics of each sample alone, in training as in inference: over the last axis;
// over the positions of `groups` groups of consecutive channels; over those of each channel.
EVENKEEL_API Layer layer_norm(const LayerNormOptions& options = {});
EVENKEEL_API Layer group_norm(std::int64_t groups, const GroupNormOptions& options = {});
EVENKEEL_API Layer instance_norm(const GroupNormOptions& options = {});
// Training sets a fraction `rate` to 0 and multiplies the rest by 1 / (1 - rate); inference does
// nothing.
EVENKEEL_API Layer dropout(double rate, std::string name = {});

EVENKEEL_API Layer relu(std::string name = {});
EVENKEEL_API Layer leaky_relu(double slope = 0.01, std::string name = {});
EVENKEEL_API Layer relu6(std::string name = {});
EVENKEEL_API Layer sigmoid(std::string name = {});
EVENKEEL_API Layer tanh(std::string name = {});
// Along the last axis. Not before softmax_cross_entropy, which has its own.
EVENKEEL_API Layer softmax(std::string name = {});

// Two or more values of one shape; side by side along the last axis (channels).
EVENKEEL_API Layer add(std::string name = {});
EVENKEEL_API Layer concat(std::string name = {});
// [N,H,W,C] -> [N,ceil(H/stride),ceil(W/stride),channels]: every stride-th pixel, zeros for the new
// channels: the shortcut without weights of He et al. 2016, option A.
EVENKEEL_API Layer subsample(Size2 stride, std::int64_t channels, std::string name = {});

}  // namespace evenkeel::layers
