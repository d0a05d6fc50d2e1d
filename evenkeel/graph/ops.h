// SPDX-License-Identifier: Apache-2.0
// Building a graph by hand: one function an op. An empty name is the op's.
#pragma once

#include <string_view>

#include "evenkeel/graph/graph.h"

namespace evenkeel::ops {

// A value fed to each run; a shape that begins with kBatch is fed batch by batch.
EVENKEEL_API Value input(Graph& graph, std::string_view name, DType dtype, const Shape& shape);
// A tensor that outlives the step: a parameter unless `role` says otherwise.
EVENKEEL_API Value state(Graph& graph, std::string_view name, const State& attributes);
EVENKEEL_API Value parameter(Graph& graph, std::string_view name, const Shape& shape,
                             Initializer initializer, DType dtype = DType::f32,
                             Role role = Role::parameter);

// x: [N,H,W,C]  kernel: [R,S,C,K] -> [N,P,Q,K]
EVENKEEL_API Value conv2d(Graph& graph, Value x, Value kernel, const Conv2d& attributes = {},
                          std::string_view name = {});
// x: [..,K]  bias: [K] -> [..,K]
EVENKEEL_API Value bias_add(Graph& graph, Value x, Value bias, std::string_view name = {});
EVENKEEL_API Value relu(Graph& graph, Value x, std::string_view name = {});
// x: [N,H,W,C] -> the maxima [N,P,Q,C]
EVENKEEL_API Value max_pool2d(Graph& graph, Value x, const MaxPool2d& attributes = {},
                              std::string_view name = {});
// a: [M,C]  b: [C,K] -> [M,K]
EVENKEEL_API Value matmul(Graph& graph, Value a, Value b, const MatMul& attributes = {},
                          std::string_view name = {});
EVENKEEL_API Value reshape(Graph& graph, Value x, const Shape& shape, std::string_view name = {});
// Axis i of the result is axis axes[i] of x; axes[0] is 0.
EVENKEEL_API Value transpose(Graph& graph, Value x, const std::vector<std::int64_t>& axes,
                             std::string_view name = {});
EVENKEEL_API Value scale(Graph& graph, Value x, double factor, DType dtype = DType::f32,
                         std::string_view name = {});
EVENKEEL_API Value add(Graph& graph, Value a, Value b, std::string_view name = {});
EVENKEEL_API Value mean(Graph& graph, Value x, std::string_view name = {});
// Element by element, of one shape.
EVENKEEL_API Value multiply(Graph& graph, Value a, Value b, std::string_view name = {});
// x: [N,..,C] times by: [C] along the last axis (-1), [N] along the first (0), or [] everywhere.
EVENKEEL_API Value scale_axis(Graph& graph, Value x, Value by, std::int64_t axis = -1,
                              std::string_view name = {});
// x: [N,H,W,C] -> the means [N,P,Q,C]
EVENKEEL_API Value avg_pool2d(Graph& graph, Value x, const AvgPool2d& attributes = {},
                              std::string_view name = {});
// Along `axis`, -1 being the last; not along the batch.
EVENKEEL_API Value concat(Graph& graph, const std::vector<Value>& values, std::int64_t axis = -1,
                          std::string_view name = {});
EVENKEEL_API Value slice(Graph& graph, Value x, const Slice& attributes,
                         std::string_view name = {});
EVENKEEL_API Value zero_pad(Graph& graph, Value x, const ZeroPad& attributes,
                            std::string_view name = {});
EVENKEEL_API Value leaky_relu(Graph& graph, Value x, double slope = 0.01,
                              std::string_view name = {});
EVENKEEL_API Value relu6(Graph& graph, Value x, std::string_view name = {});
EVENKEEL_API Value sigmoid(Graph& graph, Value x, std::string_view name = {});
EVENKEEL_API Value tanh(Graph& graph, Value x, std::string_view name = {});
// Along the last axis.
EVENKEEL_API Value softmax(Graph& graph, Value x, std::string_view name = {});
// Without a mode, as batch_norm.
EVENKEEL_API Value dropout(Graph& graph, Value x, double rate = 0.5, std::string_view name = {});

// Batch norm without a mode: to_training and to_inference give it one. Its states are
// <layer>/gamma, beta, moving_mean, moving_variance and state/<layer>/updates_seen; for renorm that
// moves deviation also <layer>/moving_deviation, renorm_mean, renorm_deviation. A taken layer name
// gets the suffix _2, _3, … weights [N]: of the samples in the statistics.
EVENKEEL_API Value batch_norm(Graph& graph, Value x, const BatchNorm& attributes = {},
                              std::string_view layer = {}, std::optional<Value> weights = {});

// Each sample by statistics of its own. x: [N,..,C]  gamma, beta: [C]
EVENKEEL_API Value group_norm(Graph& graph, Value x, Value gamma, Value beta,
                              const GroupNorm& attributes = {}, std::string_view name = {});
EVENKEEL_API Value layer_norm(Graph& graph, Value x, Value gamma, Value beta,
                              const LayerNorm& attributes = {}, std::string_view name = {});

struct CrossEntropy {
  Value losses;   // [N]
  Value correct;  // i32[N], 1 where the largest logit is the label's
};
// logits: [N,K]  labels: i32[N], or targets [N,K] of the logits' dtype
EVENKEEL_API CrossEntropy softmax_cross_entropy(Graph& graph, Value logits, Value labels,
                                                std::string_view name = {});
EVENKEEL_API CrossEntropy sigmoid_cross_entropy(Graph& graph, Value logits, Value labels,
                                                std::string_view name = {});
EVENKEEL_API CrossEntropy mean_squared_error(Graph& graph, Value predictions, Value labels,
                                             std::string_view name = {});
// i32[N], 1 where the label is among the k largest
EVENKEEL_API Value in_top_k(Graph& graph, Value logits, Value labels, std::int64_t k,
                            std::string_view name = {});

}  // namespace evenkeel::ops
