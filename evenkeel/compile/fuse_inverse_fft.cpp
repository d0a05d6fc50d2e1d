// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fuse_inverse_fft.h"

#include "evenkeel/compile/readers.h"

namespace evenkeel {
namespace {

std::optional<FusedEpilogue> as_inverse_epilogue(const Op& op) {
  if (std::holds_alternative<BiasAdd>(op)) return BiasAdd{};
  if (std::holds_alternative<Relu>(op)) return Relu{};
  if (const auto* pool = std::get_if<MaxPool2d>(&op)) return *pool;
  return std::nullopt;
}

// An inverse transform, with what is fused into it already.
std::optional<Fused> as_inverse(const Op& op) {
  if (const auto* inverse = std::get_if<InverseFft2d>(&op)) return Fused{*inverse, {}};
  const auto* fused = std::get_if<Fused>(&op);
  if (fused == nullptr || !std::holds_alternative<InverseFft2d>(fused->core)) return std::nullopt;
  const auto& steps = fused->epilogue;
  const bool pooled = !steps.empty() && std::holds_alternative<MaxPool2d>(steps.back());
  return pooled ? std::nullopt : std::optional(*fused);
}

}  // namespace

Graph fuse_inverse_fft(const Graph& graph, std::int64_t batch, const Machine& machine) {
  const Readers readers(graph);
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto step = as_inverse_epilogue(node.op);
    if (!step || !readers.single(node.inputs[0])) return keep(to, from, id, in);
    auto fused = as_inverse(to.node(in[0]).op);
    if (!fused) return keep(to, from, id, in);
    fused->epilogue.push_back(*step);
    std::vector<Value> inputs = to.node(in[0]).inputs;
    inputs.insert(inputs.end(), in.begin() + 1, in.end());
    if (!runs_natively(*fused, to, inputs, batch, machine)) return keep(to, from, id, in);
    return keep_as(*std::move(fused), to, from, id, inputs);
  });
}

}  // namespace evenkeel
