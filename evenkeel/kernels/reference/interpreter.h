// SPDX-License-Identifier: Apache-2.0
// Runs a graph node by node with the reference kernels: the oracle for passes, kernels and
// gradients.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "evenkeel/base/tensor.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

using NamedTensors = std::map<std::string, Tensor>;

// All that one run computed.
struct EVENKEEL_API Interpretation {
  std::vector<std::vector<Tensor>> values;  // by node, then by its output
  NamedTensors outputs;                     // the graph's outputs
  NamedTensors updates;                     // state name -> its value after the step

  const Tensor& at(Value value) const { return values.at(value.node).at(value.output); }
};

// Takes a graph of dense values in f32 or f64 (with_float changes it from one to the other) without
// mode-less ops, for one batch size. Every value has memory of its own, filled with NaN (all bits
// set) before its kernel runs, so that an element which a kernel forgets shows.
class EVENKEEL_API Interpreter {
 public:
  Interpreter(const Graph& graph, std::int64_t batch);

  // `feeds`: one tensor for each input and state, by the node's name. InvalidArgument where one is
  // missing, too many, or of another type.
  Interpretation run(const NamedTensors& feeds) const;

 private:
  struct Step {
    Call call;
    std::unique_ptr<const Kernel> kernel;  // none for inputs and states
    std::size_t scratch_bytes = 0;
  };
  const Tensor& fed(const NamedTensors& feeds, NodeId id) const;
  std::vector<Tensor> execute(NodeId id, const std::vector<std::vector<Tensor>>& values) const;

  Graph graph_;
  std::vector<Step> steps_;  // by node
};

}  // namespace evenkeel
