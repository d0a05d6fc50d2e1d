// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/nonfinite.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {
namespace {

template <typename T>
bool finite(std::span<const std::byte> bytes) {
  const T* values = reinterpret_cast<const T*>(bytes.data());
  return std::all_of(values, values + bytes.size() / sizeof(T),
                     [](T value) { return std::isfinite(value); });
}

bool finite(std::span<const std::byte> bytes, DType dtype) {
  if (dtype == DType::f32) return finite<float>(bytes);
  return dtype != DType::f64 || finite<double>(bytes);
}

}  // namespace

std::string first_nonfinite_layer(const Graph& network, Loss loss, StateStore& state,
                                  const Machine& machine, Labels labels, Executor& failed) {
  for (const Node& node : network.nodes())
    if (std::holds_alternative<State>(node.op) &&
        !finite(state.bytes(state.entry(node.name)), node.outputs[0].dtype))
      return std::string(layer_of(node.name));

  Graph probe = add_evaluation(to_training(network), loss, labels);
  const std::size_t nodes = probe.nodes().size();
  for (NodeId id = 0; id < nodes; ++id)
    if (!std::holds_alternative<State>(probe.node(id).op) &&
        !std::holds_alternative<Input>(probe.node(id).op))
      probe.output("probe/" + std::to_string(id), {id, 0});
  CompileOptions options{failed.plan().batch, machine, {}};
  StateStore copy = state;
  Executor executor(compile_graph(probe, Level::training, options), copy);
  for (const PlanPort& port : executor.plan().inputs) {
    const auto source = failed.input(port.name);
    std::memcpy(executor.input(port.name).data(), source.data(), source.size());
  }
  executor.run();
  for (NodeId id = 0; id < nodes; ++id) {
    const Node& node = probe.node(id);
    // The updates of moving statistics come after the guard, which has stopped the run.
    if (std::holds_alternative<State>(node.op) || std::holds_alternative<Input>(node.op) ||
        std::holds_alternative<UpdateMoving>(node.op) ||
        std::holds_alternative<UpdateDeviation>(node.op))
      continue;
    if (!finite(executor.output("probe/" + std::to_string(id)), node.outputs[0].dtype))
      return std::string(layer_of(node.name));
  }
  return "loss";
}

}  // namespace evenkeel
