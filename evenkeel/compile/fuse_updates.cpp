// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_updates.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {

Graph fuse_updates(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    constexpr std::size_t kGradient = 3;
    const Node& node = from.node(id);
    const auto* update = std::get_if<AdamUpdate>(&node.op);
    if (update == nullptr || !readers.single(node.inputs[kGradient])) return keep(to, from, id, in);
    const Node& product = to.node(in[kGradient].node);
    const auto* matmul = std::get_if<MatMul>(&product.op);
    if (matmul == nullptr) return keep(to, from, id, in);
    const Fused fused = {*matmul, {*update}};
    // a, b, p, m, v, lr, step
    std::vector<Value> inputs = product.inputs;
    for (std::size_t i = 0; i < in.size(); ++i)
      if (i != kGradient) inputs.push_back(in[i]);
    if (!runs_natively(fused, to, inputs, batch, machine)) return keep(to, from, id, in);
    return keep_as(fused, to, from, id, inputs);
  });
}

}  // namespace evenkeel
