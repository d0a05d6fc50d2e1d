// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fold_batch_norm.h"

#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

bool scales_columns(const Op& op) {
  const auto* matmul = std::get_if<MatMul>(&op);
  return std::holds_alternative<Conv2d>(op) || (matmul != nullptr && !matmul->transpose_b);
}

// y = core(x, W) (+ b) -> y s + t  ==  core(x, W s) + (b s + t).
std::optional<Value> fold_into_producer(Graph& to, const Node& node, const std::vector<Value>& in,
                                        const Readers& readers, const Graph& from) {
  const Value scale = in[1];
  const Value shift = in[2];
  Value before = in[0];
  Value source = node.inputs[0];
  std::optional<Value> bias;
  if (!readers.single(source)) return std::nullopt;
  if (std::holds_alternative<BiasAdd>(to.node(before).op)) {
    source = from.node(source).inputs[0];
    if (!readers.single(source)) return std::nullopt;
    bias = to.node(before).inputs[1];
    before = to.node(before).inputs[0];
  }
  const Node core = to.node(before);
  if (!scales_columns(core.op)) return std::nullopt;
  const Value kernel = to.add(ScaleAxis{-1}, {core.inputs[1], scale}, node.name + "/folded_kernel");
  const Value y = to.add(core.op, {core.inputs[0], kernel}, core.name);
  Value folded = shift;
  if (bias) {
    const Value scaled = to.add(ScaleAxis{-1}, {*bias, scale}, node.name + "/scaled_bias");
    folded = to.add(Add{}, {scaled, shift}, node.name + "/folded_bias");
  }
  return to.add(BiasAdd{}, {y, folded}, node.name);
}

// y = (x s + t) W  ==  x (diag(s) W) + t W.
std::optional<Value> fold_into_reader(Graph& to, const Node& node, const std::vector<Value>& in) {
  const auto* matmul = std::get_if<MatMul>(&node.op);
  if (matmul == nullptr || matmul->transpose_a || matmul->transpose_b) return std::nullopt;
  const Node affine = to.node(in[0]);
  if (!std::holds_alternative<ChannelAffine>(affine.op)) return std::nullopt;
  const Value kernel =
      to.add(ScaleAxis{0}, {in[1], affine.inputs[1]}, node.name + "/folded_kernel");
  const std::int64_t c = to.type(in[1]).shape[0];
  const std::int64_t k = to.type(in[1]).shape[1];
  const Value row = to.add(Reshape{Shape{1, c}}, {affine.inputs[2]}, node.name + "/shift_row");
  const Value shifted = to.add(MatMul{}, {row, in[1]}, node.name + "/folded_shift");
  const Value bias = to.add(Reshape{Shape{k}}, {shifted}, node.name + "/folded_bias");
  const Value y = to.add(*matmul, {affine.inputs[0], kernel}, node.name);
  return to.add(BiasAdd{}, {y, bias}, node.name + "/shifted");
}

Graph fold_once(const Graph& graph) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    std::optional<Value> folded;
    if (std::holds_alternative<ChannelAffine>(node.op))
      folded = fold_into_producer(to, node, in, readers, from);
    else
      folded = fold_into_reader(to, node, in);
    if (folded) return std::vector<Value>{*folded};
    return keep(to, from, id, in);
  });
}

}  // namespace

// Folding one batch norm can bring the next one beside a matmul.
Graph fold_batch_norm(const Graph& graph) {
  Graph before = graph;
  while (true) {
    Graph after = remove_dead_code(fold_once(before));
    if (after == before) return after;
    before = std::move(after);
  }
}

}  // namespace evenkeel
