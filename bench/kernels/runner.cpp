// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/runner.h"

#include <algorithm>
#include <random>

#include "evenkeel/base/threads.h"

namespace evenkeel::bench {
namespace {

template <typename T, typename Draw>
void fill(Buffer& memory, Draw draw) {
  T* const numbers = reinterpret_cast<T*>(memory.data());
  std::generate_n(numbers, memory.size() / sizeof(T), draw);
}

// Positive, so that they may be variances and counts; small, so that they may be classes.
void fill_by_type(Buffer& memory, DType dtype) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> real(0.1F, 1.0F);
  if (dtype == DType::f32) fill<float>(memory, [&] { return real(random); });
  if (dtype == DType::f64) fill<double>(memory, [] { return 1.0; });
  if (dtype == DType::u8) fill<std::uint8_t>(memory, [&] { return random() % 4; });
  if (dtype == DType::i64) fill<std::int64_t>(memory, [] { return 1; });
}

}  // namespace

Assignment unsliced(const Graph& graph, NodeId node, std::int64_t batch, int threads,
                    const KernelEntry& entry) {
  Assignment result;
  result.entry = &entry;
  result.kind = entry.kind == KernelKind::team ? PhaseKind::team
                : entry.grid == Grid::channels ? PhaseKind::channels
                : entry.grid == Grid::elements ? PhaseKind::elements
                                               : PhaseKind::whole;
  result.needs = entry.needs(call_of(graph, node, batch, threads));
  result.extent = result.needs.extent;
  return result;
}

Runner::Runner(const Graph& graph, NodeId id, std::int64_t batch, int threads,
               const Assignment& assigned)
    : kind_(assigned.kind),
      extent_(assigned.extent),
      block_extent_(assigned.needs.extent),
      threads_(threads) {
  const bool sliced = kind_ == PhaseKind::samples;
  kernel_ = assigned.entry->make(
      call_of(graph, id, sliced ? assigned.slice : batch, kind_ == PhaseKind::team ? threads : 1));
  const Node& node = graph.node(id);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueType& type = assigned.needs.inputs[i];
    inputs_.push_back(operand(type, sliced && graph.type(node.inputs[i]).shape.dynamic()));
    fill_by_type(inputs_.back().memory, type.dtype);
  }
  for (const ValueType& type : assigned.needs.outputs) outputs_.push_back(operand(type, sliced));
  for (int thread = 0; thread < threads; ++thread) {
    contexts_.push_back(kernel_->make_context());
    scratch_.emplace_back(assigned.needs.scratch_bytes);
  }
}

Runner::Operand Runner::operand(const ValueType& type, bool sliced) const {
  const std::int64_t bytes = type.bytes();
  return {Buffer(static_cast<std::size_t>(bytes * (sliced ? extent_ : 1))), sliced ? bytes : 0};
}

void Runner::run() {
  const int lanes = kind_ == PhaseKind::team || kind_ == PhaseKind::whole ? 1 : threads_;
  const auto part = [&](int worker, std::int64_t begin, std::int64_t end) {
    const auto w = static_cast<std::size_t>(worker);
    constexpr std::size_t kMost = 16;
    const void* in[kMost] = {};
    void* out[kMost] = {};
    const Args args = {in, out, scratch_[w].data(), contexts_[w].get()};
    const bool sliced = kind_ == PhaseKind::samples;
    for (std::int64_t slice = begin; slice < (sliced ? end : begin + 1); ++slice) {
      for (std::size_t i = 0; i < inputs_.size(); ++i)
        in[i] = inputs_[i].memory.data() + slice * inputs_[i].stride;
      for (std::size_t i = 0; i < outputs_.size(); ++i)
        out[i] = outputs_[i].memory.data() + slice * outputs_[i].stride;
      kernel_->run(args, sliced ? Range{0, block_extent_} : Range{begin, end});
    }
  };
  if (lanes == 1)
    part(0, 0, extent_);
  else
    run_lanes(lanes, extent_, part);
}

}  // namespace evenkeel::bench
