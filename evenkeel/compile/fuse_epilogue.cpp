// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_epilogue.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

// `op` as a core with nothing behind it, or the fused op that it is already.
std::optional<Fused> as_fused(const Op& op) {
  if (const auto* conv = std::get_if<Conv2d>(&op)) return Fused{*conv, {}};
  if (const auto* matmul = std::get_if<MatMul>(&op)) return Fused{*matmul, {}};
  if (const auto* fused = std::get_if<Fused>(&op)) return *fused;
  return std::nullopt;
}

// bias_add may follow the bare core; relu may follow the core or its bias.
bool may_follow(const Fused& fused, const Op& op) {
  if (std::holds_alternative<BiasAdd>(op)) return fused.epilogue.empty();
  if (!std::holds_alternative<Relu>(op)) return false;
  return fused.epilogue.empty() || !std::holds_alternative<Relu>(fused.epilogue.back());
}

}  // namespace

Graph fuse_epilogues(const Graph& graph) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const bool epilogue =
        std::holds_alternative<BiasAdd>(node.op) || std::holds_alternative<Relu>(node.op);
    // Fused only with a single reader, so that the value before the epilogue need not exist.
    if (!epilogue || !readers.single(node.inputs[0])) return keep(to, from, id, in);
    auto fused = as_fused(to.node(in[0]).op);
    if (!fused || !may_follow(*fused, node.op)) return keep(to, from, id, in);
    std::vector<Value> inputs = to.node(in[0]).inputs;
    inputs.insert(inputs.end(), in.begin() + 1, in.end());
    if (std::holds_alternative<BiasAdd>(node.op))
      fused->epilogue.emplace_back(BiasAdd{});
    else
      fused->epilogue.emplace_back(Relu{});
    return std::vector<Value>{to.add(*fused, std::move(inputs), node.name)};
  });
}

}  // namespace evenkeel
