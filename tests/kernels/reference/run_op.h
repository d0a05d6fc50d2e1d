// SPDX-License-Identifier: Apache-2.0
// One op on given tensors, by its reference kernel.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/reference/interpreter.h"

namespace evenkeel::test {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The op's outputs; the shape rule runs on the way.
inline std::vector<Tensor> run_op(Op op, const std::vector<Tensor>& inputs) {
  Graph graph;
  NamedTensors feeds;
  std::vector<Value> values;
  for (const Tensor& tensor : inputs) {
    const std::string name = "x" + std::to_string(values.size());
    values.push_back(graph.add(Input{{tensor.dtype, tensor.shape}}, {}, name));
    feeds[name] = tensor;
  }
  const NodeId node = graph.add(std::move(op), values, "op").node;
  return Interpreter(graph, 1).run(feeds).values[node];
}

inline Tensor f64(Shape shape, const std::vector<double>& values) {
  return Tensor::of<double>(std::move(shape), values);
}
inline Tensor f32(Shape shape, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(shape), values);
}
inline Tensor i32(Shape shape, const std::vector<std::int32_t>& values) {
  return Tensor::of<std::int32_t>(std::move(shape), values);
}
inline Tensor i64(Shape shape, const std::vector<std::int64_t>& values) {
  return Tensor::of<std::int64_t>(std::move(shape), values);
}

}  // namespace evenkeel::test
