// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/rectify_gradients.h"

#include <algorithm>

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

constexpr std::size_t kGamma = 4;  // inputs of batch_norm_apply
constexpr std::size_t kBeta = 5;

// The batch_norm_apply whose rectified y masks `gradient`, if that is a relu_grad.
std::optional<NodeId> masking_norm(const Graph& graph, Value gradient) {
  const Node& mask = graph.node(gradient);
  if (!std::holds_alternative<ReluGrad>(mask.op)) return std::nullopt;
  const Node& relu = graph.node(mask.inputs[1]);
  if (!std::holds_alternative<Relu>(relu.op)) return std::nullopt;
  if (!std::holds_alternative<BatchNormApply>(graph.node(relu.inputs[0]).op)) return std::nullopt;
  return relu.inputs[0].node;
}

// Is `reader` the gradient of that very batch norm, with `gradient` as its dy alone?
bool is_gradient_of(const Graph& graph, NodeId norm, Value gradient, NodeId reader) {
  const Node& apply = graph.node(norm);
  const Node& node = graph.node(reader);
  const double epsilon = std::get<BatchNormApply>(apply.op).epsilon;
  const auto* sums = std::get_if<BatchNormGradSums>(&node.op);
  const auto* own = std::get_if<BatchNormGradApply>(&node.op);
  if (sums == nullptr && own == nullptr) return false;
  if (sums != nullptr && (sums->rectified || sums->epsilon != epsilon)) return false;
  if (own != nullptr && (own->rectified || own->epsilon != epsilon)) return false;
  if (own != nullptr && node.inputs[5] != apply.inputs[kGamma]) return false;
  // x, count, mean and M2
  return std::count(node.inputs.begin(), node.inputs.end(), gradient) == 1 &&
         std::equal(apply.inputs.begin(), apply.inputs.begin() + 4, node.inputs.begin() + 1);
}

// The batch norm whose mask all readers of `gradient` can make themselves.
std::optional<NodeId> norm_masking_all(const Graph& graph, const Readers& readers, Value gradient) {
  const auto norm = masking_norm(graph, gradient);
  if (!norm || readers.outside(gradient)) return std::nullopt;
  const auto& nodes = readers.of(gradient);
  const bool all = std::all_of(nodes.begin(), nodes.end(), [&](NodeId reader) {
    return is_gradient_of(graph, *norm, gradient, reader);
  });
  return all ? norm : std::nullopt;
}

}  // namespace

Graph rectify_gradients(const Graph& graph) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    auto sums = std::get_if<BatchNormGradSums>(&node.op);
    auto own = std::get_if<BatchNormGradApply>(&node.op);
    if (sums == nullptr && own == nullptr) return keep(to, from, id, in);
    if (!norm_masking_all(from, readers, node.inputs[0])) return keep(to, from, id, in);
    // relu_grad(dy, relu(y))
    const Node& mask = to.node(in[0]);
    const Node& apply = to.node(to.node(mask.inputs[1]).inputs[0]);
    std::vector<Value> inputs = in;
    inputs[0] = mask.inputs[0];
    if (sums != nullptr) inputs.push_back(apply.inputs[kGamma]);
    inputs.push_back(apply.inputs[kBeta]);
    Op op = node.op;
    if (sums != nullptr)
      std::get<BatchNormGradSums>(op).rectified = true;
    else
      std::get<BatchNormGradApply>(op).rectified = true;
    return keep_as(std::move(op), to, from, id, inputs);
  });
}

}  // namespace evenkeel
