// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/interpreter.h"

#include <algorithm>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

bool is_fed(const Op& op) {
  return std::holds_alternative<Input>(op) || std::holds_alternative<State>(op);
}

Call call_of(const Graph& graph, const Node& node, std::int64_t batch) {
  Call call;
  call.op = node.op;
  for (const Value input : node.inputs) call.inputs.push_back(graph.type(input).bound(batch));
  for (const ValueType& output : node.outputs) call.outputs.push_back(output.bound(batch));
  return call;
}

const KernelEntry& reference_kernel(const Node& node, const Call& call) {
  for (const KernelEntry& entry : reference_kernels())
    if (entry.op == call.op.index() && entry.accepts(call)) return entry;
  std::string types;
  for (const ValueType& type : call.inputs) types += " " + to_string(type);
  throw InvalidArgument(node.name, std::string(name_of(call.op)) +
                                       ": the reference backend takes dense f32 and f64 values of "
                                       "graphs with a mode, got" +
                                       types);
}

// Kernels are promised 64-byte aligned scratch.
constexpr std::size_t kAlignment = 64;
std::byte* aligned(std::vector<std::byte>& memory) {
  void* begin = memory.data();
  std::size_t space = memory.size();
  return static_cast<std::byte*>(std::align(kAlignment, 0, begin, space));
}

}  // namespace

Interpreter::Interpreter(const Graph& graph, std::int64_t batch) : graph_(graph) {
  if (batch < 1)
    throw InvalidArgument(graph.name(), "expected a batch of at least 1, got " +
                                            std::to_string(batch) + "; choose another");
  for (const Node& node : graph.nodes()) {
    Step step = {call_of(graph, node, batch), nullptr, 0};
    if (!is_fed(node.op)) {
      const KernelEntry& entry = reference_kernel(node, step.call);
      step.kernel = entry.make(step.call);
      step.scratch_bytes = entry.needs(step.call).scratch_bytes;
    }
    steps_.push_back(std::move(step));
  }
}

const Tensor& Interpreter::fed(const NamedTensors& feeds, NodeId id) const {
  const Node& node = graph_.node(id);
  const ValueType& type = steps_[id].call.outputs[0];
  const auto found = feeds.find(node.name);
  if (found == feeds.end())
    throw InvalidArgument(node.name, "expected a tensor " + to_string(type) + ", got none");
  const Tensor& tensor = found->second;
  if (tensor.dtype != type.dtype || tensor.shape != type.shape)
    throw InvalidArgument(node.name, "expected a tensor " + to_string(type) + ", got " +
                                         to_string(ValueType{tensor.dtype, tensor.shape}));
  return tensor;
}

std::vector<Tensor> Interpreter::execute(NodeId id,
                                         const std::vector<std::vector<Tensor>>& values) const {
  const Step& step = steps_[id];
  std::vector<const void*> inputs;
  for (const Value input : graph_.node(id).inputs)
    inputs.push_back(values[input.node][input.output].bytes.data());

  std::vector<Tensor> results;
  for (const ValueType& type : step.call.outputs) {
    Tensor& result = results.emplace_back(type.dtype, type.shape);
    std::fill(result.bytes.begin(), result.bytes.end(), std::byte{0xFF});
  }
  std::vector<void*> outputs;
  outputs.reserve(results.size());
  for (Tensor& result : results) outputs.push_back(result.bytes.data());

  std::vector<std::byte> scratch(step.scratch_bytes + kAlignment);
  step.kernel->run({inputs.data(), outputs.data(), aligned(scratch), nullptr}, {0, 1});
  return results;
}

Interpretation Interpreter::run(const NamedTensors& feeds) const {
  Interpretation result;
  std::size_t used = 0;
  for (NodeId id = 0; id < steps_.size(); ++id) {
    if (steps_[id].kernel) {
      result.values.push_back(execute(id, result.values));
    } else {
      result.values.push_back({fed(feeds, id)});
      ++used;
    }
  }
  if (used != feeds.size())
    for (const auto& [name, tensor] : feeds)
      if (!graph_.contains(name) || !is_fed(graph_.node(graph_.find(name)).op))
        throw InvalidArgument(name, "expected only tensors for inputs and states of " +
                                        graph_.name() + ", got one more; leave it out");
  for (const Output& output : graph_.outputs())
    result.outputs[output.name] = result.at(output.value);
  for (const Update& update : graph_.updates())
    result.updates[graph_.node(update.state).name] = result.at(update.value);
  return result;
}

}  // namespace evenkeel
