// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower_mode.h"

#include "evenkeel/base/random.h"

namespace evenkeel {
namespace {

// Operands of BatchNorm.
enum { kX, kGamma, kBeta, kMovingMean, kMovingVariance, kUpdatesSeen };

std::vector<Value> training_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                                       const std::vector<Value>& in) {
  const std::string prefix = node.name + "/";
  const NodeId moments = to.add(ChannelMoments{}, {in[kX]}, prefix + "moments").node;
  const Value count{moments, 0};
  const Value mean{moments, 1};
  const Value m2{moments, 2};
  const Value y = to.add(BatchNormApply{layer.epsilon},
                         {in[kX], count, mean, m2, in[kGamma], in[kBeta]}, node.name);
  to.guard(mean);
  to.guard(m2);
  // M2 is f64: a variance may be finite there and too large for the state.
  const UpdateMoving rule{layer.keep, layer.count_weighted, layer.variance};
  const NodeId moved =
      to.add(rule, {in[kMovingMean], in[kMovingVariance], in[kUpdatesSeen], count, mean, m2},
             prefix + "update_moving")
          .node;
  to.guard({moved, 1});
  to.update(in[kMovingMean], {moved, 0});
  to.update(in[kMovingVariance], {moved, 1});
  to.update(in[kUpdatesSeen], to.add(Increment{}, {in[kUpdatesSeen]}, prefix + "count_update"));
  return {y};
}

// The input of that name, added where the graph does not have it yet.
Value input_named(Graph& to, const std::string& name, const ValueType& type) {
  if (to.contains(name)) return {to.find(name), 0};
  return to.add(Input{type}, {}, name);
}

std::vector<Value> training_dropout(Graph& to, const Node& node, const Dropout& layer,
                                    const std::vector<Value>& in) {
  const Value seed = input_named(to, "seed", {DType::i64, {}});
  const Value step = input_named(to, "step", {DType::i64, {}});
  const Value samples = input_named(to, "samples", {DType::i64, {to.type(in[0]).shape[0]}});
  const std::uint64_t hash = hash_name(node.name.data(), node.name.data() + node.name.size());
  const DropoutApply apply{layer.rate, static_cast<std::int64_t>(hash & 0xFFFFFFFFU)};
  return {to.add(apply, {in[0], seed, step, samples}, node.name)};
}

std::vector<Value> inference_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                                        const std::vector<Value>& in) {
  const NodeId map =
      to.add(BatchNormCoefficients{layer.epsilon},
             {in[kGamma], in[kBeta], in[kMovingMean], in[kMovingVariance]}, node.name + "/map")
          .node;
  return {to.add(ChannelAffine{}, {in[kX], {map, 0}, {map, 1}}, node.name)};
}

}  // namespace

Graph to_training(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (const auto* layer = std::get_if<BatchNorm>(&node.op))
      return training_batch_norm(to, node, *layer, in);
    if (const auto* layer = std::get_if<Dropout>(&node.op))
      return training_dropout(to, node, *layer, in);
    return keep(to, from, id, in);
  });
}

Graph to_inference(const Graph& graph) {
  return rewrite(graph, [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    if (const auto* layer = std::get_if<BatchNorm>(&node.op))
      return inference_batch_norm(to, node, *layer, in);
    if (std::holds_alternative<Dropout>(node.op)) return std::vector<Value>{in[0]};
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
