// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_winograd.h"

#include <algorithm>

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

// A Winograd convolution or gradient as a core, with nothing around it.
std::optional<Fused> winograd_core(const Op& op) {
  if (const auto* conv = std::get_if<WinogradConv2d>(&op)) return Fused{*conv, {}};
  if (const auto* grad = std::get_if<WinogradConv2dGradKernel>(&op)) return Fused{*grad, {}};
  return std::nullopt;
}

// The batch_norm_apply that makes `map`, by itself or through a relu that alone reads it.
std::optional<NodeId> norm_before(const Graph& graph, const Readers& readers, Value map) {
  if (std::holds_alternative<Relu>(graph.node(map).op)) {
    map = graph.node(map).inputs[0];
    if (!readers.single(map)) return std::nullopt;
  }
  const auto* apply = std::get_if<BatchNormApply>(&graph.node(map).op);
  if (apply == nullptr || apply->group > 0) return std::nullopt;
  return map.node;
}

// Do Winograd's ops alone read `map`, each as its x alone?
bool read_by_strips(const Graph& graph, const Readers& readers, Value map) {
  const auto reads = [&](NodeId reader) {
    const Node& node = graph.node(reader);
    return winograd_core(node.op) && node.inputs[0] == map && node.inputs[1] != map;
  };
  const auto& nodes = readers.of(map);
  return !readers.outside(map) && std::all_of(nodes.begin(), nodes.end(), reads);
}

// Puts the batch norm before x, where there is one to put there, into op and its inputs.
void load_norm(const Graph& to, const Graph& from, const Readers& readers, Value x, Fused& op,
               std::vector<Value>& inputs) {
  if (!norm_before(from, readers, x) || !read_by_strips(from, readers, x)) return;
  const Node* before = &to.node(inputs[0]);
  const bool relu = std::holds_alternative<Relu>(before->op);
  if (relu) before = &to.node(before->inputs[0]);
  const auto& apply = std::get<BatchNormApply>(before->op);
  op.prologue.emplace_back(apply);
  if (relu) op.prologue.emplace_back(Relu{});
  std::vector<Value> loaded = before->inputs;
  loaded.resize(input_count(op.prologue[0]));
  loaded.insert(loaded.end(), inputs.begin() + 1, inputs.end());
  inputs = std::move(loaded);
}

bool takes_moments(const Node& node) {
  const auto* moments = std::get_if<ChannelMoments>(&node.op);
  return moments != nullptr && moments->each_sample;
}

// The outputs behind the first of a convolution that makes the moments of its y.
std::vector<Value> moments_beside(const Graph& to, Value y) {
  const auto* fused = std::get_if<Fused>(&to.node(y).op);
  if (fused == nullptr || y.output != 0 || fused->epilogue.empty()) return {};
  if (!std::holds_alternative<ChannelMoments>(fused->epilogue.back())) return {};
  return {{y.node, 1}, {y.node, 2}, {y.node, 3}};
}

}  // namespace

Graph fuse_winograd(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (takes_moments(node)) {
      std::vector<Value> made = moments_beside(to, in[0]);
      return made.empty() ? keep(to, from, id, in) : made;
    }
    auto op = winograd_core(node.op);
    if (!op) return keep(to, from, id, in);
    std::vector<Value> inputs = in;
    load_norm(to, from, readers, node.inputs[0], *op, inputs);
    const auto& nodes = readers.of({id, 0});
    if (std::holds_alternative<WinogradConv2d>(op->core) &&
        std::any_of(nodes.begin(), nodes.end(),
                    [&](NodeId reader) { return takes_moments(from.node(reader)); }))
      op->epilogue.emplace_back(ChannelMoments{true});
    const bool changed = !op->prologue.empty() || !op->epilogue.empty();
    if (!changed || !runs_natively(*op, to, inputs, batch, machine)) return keep(to, from, id, in);
    return std::vector<Value>{to.add(*std::move(op), std::move(inputs), node.name)};
  });
}

}  // namespace evenkeel
