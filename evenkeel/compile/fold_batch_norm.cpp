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

// What the affine map does to a bias, [K]; none is zeros.
Value folded_bias(Graph& to, const std::string& name, std::optional<Value> bias,
                  const std::vector<Value>& affine) {
  const ValueType type = to.type(affine[1]);
  const Shape row = {1, type.shape[0]};
  const Value before = bias ? to.add(Reshape{row}, {*bias}, name + "/bias_row")
                            : to.add(Constant{{type.dtype, row}, 0}, {}, name + "/no_bias");
  const Value after =
      to.add(ChannelAffine{}, {before, affine[1], affine[2], affine[3]}, name + "/affine_bias");
  return to.add(Reshape{type.shape}, {after}, name + "/folded_bias");
}

// y = core(x, W) (+ b) -> (y - c) s + t  ==  core(x, W s) + ((b - c) s + t).
std::optional<Value> fold(Graph& to, const Node& node, const std::vector<Value>& in,
                          const Readers& readers, const Graph& from) {
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
  const Value kernel = to.add(ScaleAxis{-1}, {core.inputs[1], in[2]}, node.name + "/folded_kernel");
  const Value y = to.add(core.op, {core.inputs[0], kernel}, core.name);
  return to.add(BiasAdd{}, {y, folded_bias(to, node.name, bias, in)}, node.name);
}

}  // namespace

Graph fold_batch_norm(const Graph& graph) {
  const Readers readers(graph);
  Graph folded =
      rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
        const Node& node = from.node(id);
        if (std::holds_alternative<ChannelAffine>(node.op))
          if (const auto y = fold(to, node, in, readers, from)) return std::vector<Value>{*y};
        return keep(to, from, id, in);
      });
  return remove_dead_code(folded);
}

}  // namespace evenkeel
