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
                             Initializer initializer, DType dtype = DType::f32);

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
EVENKEEL_API Value scale(Graph& graph, Value x, double factor, DType dtype = DType::f32,
                         std::string_view name = {});
EVENKEEL_API Value add(Graph& graph, Value a, Value b, std::string_view name = {});
EVENKEEL_API Value mean(Graph& graph, Value x, std::string_view name = {});

// Batch norm without a mode: to_training and to_inference give it one. Its states are
// <layer>/gamma, beta, moving_mean, moving_variance and state/<layer>/updates_seen; a taken layer
// name gets the suffix _2, _3, …
EVENKEEL_API Value batch_norm(Graph& graph, Value x, const BatchNorm& attributes = {},
                              std::string_view layer = {});

struct CrossEntropy {
  Value losses;   // [N]
  Value correct;  // i32[N], 1 where the largest logit is the label's
};
// logits: [N,K]  labels: i32[N]
EVENKEEL_API CrossEntropy softmax_cross_entropy(Graph& graph, Value logits, Value labels,
                                                std::string_view name = {});

}  // namespace evenkeel::ops
