// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_epilogue.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

// `op` as a core with nothing behind it, or the fused op that it is already.
std::optional<Fused> as_fused(const Op& op) {
  if (const auto* conv = std::get_if<Conv2d>(&op)) return Fused{*conv, {}};
  if (const auto* matmul = std::get_if<MatMul>(&op)) return Fused{*matmul, {}};
  if (const auto* add = std::get_if<Add>(&op)) return Fused{*add, {}};
  if (const auto* apply = std::get_if<BatchNormApply>(&op)) return Fused{*apply, {}};
  if (const auto* fused = std::get_if<Fused>(&op)) return *fused;
  return std::nullopt;
}

std::optional<FusedEpilogue> as_epilogue(const Op& op) {
  if (std::holds_alternative<BiasAdd>(op)) return BiasAdd{};
  if (std::holds_alternative<Relu>(op)) return Relu{};
  if (std::holds_alternative<Add>(op)) return Add{};
  if (std::holds_alternative<ReluGrad>(op)) return ReluGrad{};
  return std::nullopt;
}

// What is for the gradient alone: which samples make a group, of which a slice may have a part, and
// their weights. Returns how many inputs are left.
std::size_t drop_gradients(BatchNormApply& apply) {
  apply = {apply.epsilon, apply.group > 0 ? 1 : 0};
  return input_count(FusedCore(apply));
}

template <typename OpType>
bool core_is(const FusedCore& core) {
  return std::holds_alternative<OpType>(core);
}

// bias_add may follow a bare product, add a bare batch_norm_apply, relu_grad a bare add, and relu
// whatever does not end with one.
bool may_follow(const Fused& fused, const FusedEpilogue& step) {
  const bool product = core_is<Conv2d>(fused.core) || core_is<MatMul>(fused.core);
  const bool bare = fused.epilogue.empty();
  if (std::holds_alternative<BiasAdd>(step)) return bare && product;
  if (std::holds_alternative<Add>(step)) return bare && core_is<BatchNormApply>(fused.core);
  if (std::holds_alternative<ReluGrad>(step)) return bare && core_is<Add>(fused.core);
  if (!product && !core_is<BatchNormApply>(fused.core) && !core_is<Add>(fused.core)) return false;
  return bare || std::holds_alternative<BiasAdd>(fused.epilogue.back()) ||
         std::holds_alternative<Add>(fused.epilogue.back());
}

// The input that the epilogue goes on from: of an add either may be.
std::optional<std::size_t> running_input(const Graph& to, const Graph& from, const Readers& readers,
                                         const Node& node, const FusedEpilogue& step,
                                         const std::vector<Value>& in) {
  const std::size_t candidates = std::holds_alternative<Add>(step) ? 2 : 1;
  for (std::size_t i = 0; i < candidates; ++i) {
    // Fused only with a single reader, so that the value before the epilogue need not exist.
    if (!readers.single(node.inputs[i]) || from.type(node.inputs[i]) != node.outputs[0]) continue;
    const auto fused = as_fused(to.node(in[i]).op);
    if (fused && may_follow(*fused, step)) return i;
  }
  return std::nullopt;
}

}  // namespace

Graph fuse_epilogues(const Graph& graph) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto step = as_epilogue(node.op);
    if (!step) return keep(to, from, id, in);
    const auto running = running_input(to, from, readers, node, *step, in);
    if (!running) return keep(to, from, id, in);
    Fused fused = *as_fused(to.node(in[*running]).op);
    std::vector<Value> inputs = to.node(in[*running]).inputs;
    if (auto* apply = std::get_if<BatchNormApply>(&fused.core); apply && fused.epilogue.empty())
      inputs.resize(drop_gradients(*apply));
    for (std::size_t i = 0; i < in.size(); ++i)
      if (i != *running) inputs.push_back(in[i]);
    fused.epilogue.push_back(*step);
    return std::vector<Value>{to.add(std::move(fused), std::move(inputs), node.name)};
  });
}

}  // namespace evenkeel
