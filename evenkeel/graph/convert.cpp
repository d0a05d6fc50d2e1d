// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/convert.h"

#include <optional>
#include <utility>

namespace evenkeel {
namespace {

template <typename OpType>
concept Leaf =
    std::same_as<OpType, Input> || std::same_as<OpType, State> || std::same_as<OpType, Constant>;

struct SetDType {
  DType dtype;

  void operator()(Leaf auto& op) const { set(op.type.dtype); }
  void operator()(Scale& op) const { set(op.dtype); }
  void operator()(Cast& op) const { set(op.dtype); }
  void operator()(Difference& op) const { set(op.dtype); }
  void operator()(ClipFactor& op) const { set(op.dtype); }
  void operator()(ChannelVariance& op) const { set(op.dtype); }
  void operator()(auto&) const {}
  void set(DType& old) const {
    if (old == DType::f32 || old == DType::f64) old = dtype;
  }
};

struct BindBatch {
  std::int64_t batch;

  void operator()(Leaf auto& op) const { op.type = op.type.bound(batch); }
  void operator()(auto&) const {}
};

// Which input of an update rule is the learning rate.
std::optional<std::size_t> learning_rate_input(const Op& op) {
  if (std::holds_alternative<AdamUpdate>(op)) return 4;
  if (const auto* fused = std::get_if<Fused>(&op); fused != nullptr && update_of(*fused) != nullptr)
    return 5;
  if (const auto* sgd = std::get_if<SgdUpdate>(&op)) return sgd->has_velocity() ? 3 : 2;
  if (const auto* rmsprop = std::get_if<RmspropUpdate>(&op)) return rmsprop->has_velocity() ? 4 : 3;
  if (std::holds_alternative<AdagradUpdate>(op)) return 3;
  return std::nullopt;
}

// Nodes whose value an op takes in f64 only.
std::vector<bool> always_f64(const Graph& graph) {
  std::vector<bool> result(graph.nodes().size(), false);
  for (const Node& node : graph.nodes())
    if (const auto index = learning_rate_input(node.op)) result[node.inputs[*index].node] = true;
  return result;
}

}  // namespace

Graph with_float(const Graph& graph, DType dtype) {
  if (dtype != DType::f32 && dtype != DType::f64)
    throw InvalidArgument(graph.name(),
                          "expected dtype f32 or f64, got " + std::string(to_string(dtype)));
  const std::vector<bool> keeps = always_f64(graph);
  return rewrite(graph,
                 [&](Graph& to, const Graph& from, NodeId node, const std::vector<Value>& inputs) {
                   Op op = from.node(node).op;
                   if (!keeps[node]) std::visit(SetDType{dtype}, op);
                   return keep_as(std::move(op), to, from, node, inputs);
                 });
}

Graph bind_batch(const Graph& graph, std::int64_t batch) {
  if (batch < 1)
    throw InvalidArgument(graph.name(),
                          "expected a batch of at least 1, got " + std::to_string(batch));
  return rewrite(graph,
                 [&](Graph& to, const Graph& from, NodeId node, const std::vector<Value>& inputs) {
                   Op op = from.node(node).op;
                   std::visit(BindBatch{batch}, op);
                   return keep_as(std::move(op), to, from, node, inputs);
                 });
}

}  // namespace evenkeel
