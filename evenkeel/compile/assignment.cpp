// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/assignment.h"

#include <algorithm>

namespace evenkeel {
namespace {

constexpr std::int64_t kLargestSlice = 16;
constexpr std::int64_t kLanes = 4;

Types bound(const Types& types, std::int64_t batch) {
  Types result;
  for (const ValueType& type : types) result.push_back(type.bound(batch));
  return result;
}

Types dense(Types types) {
  for (ValueType& type : types) {
    type.layout = {};
    type.packed_bytes = 0;
  }
  return types;
}

Types types_of(const Graph& graph, const std::vector<Value>& values) {
  Types types;
  for (const Value value : values) types.push_back(graph.type(value));
  return types;
}

// Not where each slice reads much more of what is the same for all (weights) than of its own.
bool worth_slicing(const Graph& graph, const Node& node, std::int64_t slice) {
  std::int64_t whole = 0;
  std::int64_t sliced = 0;
  for (const Value input : node.inputs) {
    const ValueType& type = graph.type(input);
    (type.shape.dynamic() ? sliced : whole) += type.bytes(slice);
  }
  for (const ValueType& type : node.outputs) sliced += type.bytes(slice);
  return whole <= 2 * sliced;
}

// By blocks of channels alone, and of a slice while it is in the cache.
bool of_spectra_tiles_or_windows(const Op& op) {
  if (const auto* fused = std::get_if<Fused>(&op))
    return std::holds_alternative<InverseFft2d>(fused->core) ||
           std::holds_alternative<Conv2d>(fused->core) ||
           std::holds_alternative<WinogradConv2d>(fused->core);
  return std::holds_alternative<Fft2d>(op) || std::holds_alternative<InverseFft2d>(op) ||
         std::holds_alternative<UnpooledFft2d>(op) || std::holds_alternative<TiledFft2d>(op) ||
         std::holds_alternative<InverseTiledFft2d>(op) ||
         std::holds_alternative<SpectralConv2d>(op) || std::holds_alternative<WinogradConv2d>(op) ||
         std::holds_alternative<Conv2d>(op) || std::holds_alternative<Conv2dGradData>(op);
}

PhaseKind kind_of(const KernelEntry& entry) {
  if (entry.kind == KernelKind::team) return PhaseKind::team;
  if (entry.grid == Grid::channels) return PhaseKind::channels;
  if (entry.grid == Grid::elements) return PhaseKind::elements;
  return PhaseKind::whole;
}

// A shorter last slice must want the layouts of the others: it reads the same packed weights.
bool same_layouts(const Needs& a, const Needs& b) {
  const auto same = [](const Types& x, const Types& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const ValueType& s, const ValueType& t) { return s.layout == t.layout; });
  };
  return same(a.inputs, b.inputs) && same(a.outputs, b.outputs);
}

std::optional<Assignment> assign_samples(const Graph& graph, NodeId id, std::int64_t batch,
                                         const Machine& machine, std::int64_t slice) {
  Assignment result;
  const Call call = call_of(graph, id, slice, 1);
  result.entry = &choose_kernel(call, machine.kernels, true);
  result.kind = PhaseKind::samples;
  result.slice = slice;
  result.extent = (batch + slice - 1) / slice;
  result.needs = result.entry->needs(call);
  if (batch % slice == 0) return result;
  const Call tail = call_of(graph, id, batch % slice, 1);
  if (!result.entry->accepts(tail)) return std::nullopt;
  const Needs tail_needs = result.entry->needs(tail);
  if (!same_layouts(result.needs, tail_needs)) return std::nullopt;
  result.needs.scratch_bytes = std::max(result.needs.scratch_bytes, tail_needs.scratch_bytes);
  return result;
}

}  // namespace

std::int64_t slice_of(std::int64_t batch) {
  const std::int64_t most = std::clamp<std::int64_t>(batch / kLanes, 1, kLargestSlice);
  for (std::int64_t slice = most; 2 * slice > most; --slice)
    if (batch % slice == 0) return slice;
  return most;
}

Call call_of(const Graph& graph, NodeId id, std::int64_t batch, int threads) {
  const Node& node = graph.node(id);
  Call call{node.op, bound(types_of(graph, node.inputs), batch), bound(node.outputs, batch),
            threads};
  if (!std::holds_alternative<Reorder>(node.op)) {
    call.inputs = dense(std::move(call.inputs));
    call.outputs = dense(std::move(call.outputs));
  }
  return call;
}

bool runs_natively(const Op& op, const Graph& graph, const std::vector<Value>& inputs,
                   std::int64_t batch, const Machine& machine) {
  Call call = {op, dense(bound(types_of(graph, inputs), batch)), {}};
  const ShapeScope scope({}, name_of(op), call.inputs);
  call.outputs = std::visit([&](const auto& rule) { return rule.infer(scope); }, op);
  return choose_kernel(call, machine.kernels, false).backend == Backend::native;
}

bool samplewise(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  // Its factor is the number of all samples; a group's samples may lie in several slices.
  if (std::holds_alternative<MeanGrad>(node.op) || std::holds_alternative<GroupMoments>(node.op) ||
      std::holds_alternative<GroupSums>(node.op))
    return false;
  bool reads_samples = false;
  for (const Value input : node.inputs) reads_samples |= graph.type(input).shape.dynamic();
  return reads_samples && std::all_of(node.outputs.begin(), node.outputs.end(),
                                      [](const ValueType& t) { return t.shape.dynamic(); });
}

Assignment assign(const Graph& graph, NodeId id, std::int64_t batch, const Machine& machine) {
  const Node& node = graph.node(id);
  Assignment result;
  if (std::holds_alternative<Input>(node.op) || std::holds_alternative<State>(node.op) ||
      std::holds_alternative<Reshape>(node.op))
    return result;
  const Call call = call_of(graph, id, batch, machine.threads);
  result.entry = &choose_kernel(call, machine.kernels, false);
  result.kind = kind_of(*result.entry);
  const std::int64_t slice = slice_of(batch);
  // What works by channels stays with the statistics, which can't be sliced, unless its channels
  // are so few that split_statistics slices those.
  const bool by_channels = result.kind == PhaseKind::channels &&
                           !of_spectra_tiles_or_windows(node.op) &&
                           graph.type({id, 0}).shape.back() > kFewChannels;
  if (!by_channels && samplewise(graph, id) && worth_slicing(graph, node, slice)) {
    if (auto sliced = assign_samples(graph, id, batch, machine, slice)) return *std::move(sliced);
  }
  result.needs = result.entry->needs(call);
  result.extent = result.needs.extent;
  return result;
}

}  // namespace evenkeel
