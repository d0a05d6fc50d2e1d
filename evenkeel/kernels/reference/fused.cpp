// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

std::unique_ptr<const Kernel> kernel_of(const Call& call) {
  const auto entries = reference_kernels();
  return std::find_if(entries.begin(), entries.end(),
                      [&](const KernelEntry& entry) { return entry.op == call.op.index(); })
      ->make(call);
}

// What the core makes first.
ValueType core_type(const Call& call) {
  const Fused& op = std::get<Fused>(call.op);
  const auto infer = [&](const auto& core) {
    const std::span inputs(call.inputs.data(), input_count(op.core));
    return core.infer(ShapeScope({}, core.name, inputs));
  };
  return std::visit(infer, op.core)[0];
}

// Bytes of the map that a pooling in the epilogue reads, which is no operand.
std::size_t map_bytes(const Call& call) {
  const Fused& op = std::get<Fused>(call.op);
  if (op.epilogue.empty() || !std::holds_alternative<MaxPool2d>(op.epilogue.back())) return 0;
  return static_cast<std::size_t>(core_type(call).bytes());
}

// The expansion itself: the core's kernel writes its y, each of the epilogue's works on y in place,
// and a pooling reads it.
class FusedKernel final : public Kernel {
 public:
  explicit FusedKernel(const Call& call)
      : y_(core_type(call)),
        pools_(map_bytes(call) > 0),
        next_operand_(input_count(std::get<Fused>(call.op).core)) {
    const Fused& op = std::get<Fused>(call.op);
    Types outputs = call.outputs;
    outputs[0] = y_;
    if (pools_) outputs.resize(1);
    std::visit([&](const auto& core) { core_ = kernel_of({core, call.inputs, outputs}); }, op.core);
    for (const FusedEpilogue& step : op.epilogue)
      std::visit([&](const auto& each) { append(call, each); }, step);
  }

  void run(const Args& args, Range range) const noexcept override {
    void* const map[] = {args.scratch};
    void* const* y = pools_ ? map : args.outputs;
    core_->run({args.inputs, y, args.scratch, args.context}, range);  // its own inputs come first
    for (const Step& step : epilogue_) {
      const std::array<const void*, 2> inputs = {y[0], args.inputs[step.operand]};
      step.kernel->run({inputs.data(), step.pools ? args.outputs : y, args.scratch, args.context},
                       range);
    }
  }

 private:
  struct Step {
    std::unique_ptr<const Kernel> kernel;
    std::size_t operand = 0;  // the input that it reads besides y, if it does
    bool pools = false;
  };

  void append(const Call& call, const BiasAdd& op) {
    const std::size_t bias = next_operand_++;
    epilogue_.push_back({kernel_of({op, {y_, call.inputs[bias]}, {y_}}), bias});
  }
  void append(const Call&, const Relu& op) { epilogue_.push_back({kernel_of({op, {y_}, {y_}})}); }
  // Alone behind a matmul, so in UpdatingKernel.
  void append(const Call&, const AdamUpdate&) {}
  void append(const Call& call, const MaxPool2d& op) {
    epilogue_.push_back({kernel_of({op, {y_}, call.outputs}), 0, true});
  }

  ValueType y_;  // the core's
  bool pools_;   // then y_ stands in the scratch
  std::unique_ptr<const Kernel> core_;
  std::vector<Step> epilogue_;
  std::size_t next_operand_;
};

// Numbers that adam takes between: the gradient and its counts by blocks.
struct UpdateScratch {
  ValueType gradient;
  ValueType counts;
  explicit UpdateScratch(const Call& call)
      : gradient(core_type(call)),
        counts{DType::i32,
               {(gradient.shape.elements() + AdamUpdate::kBlock - 1) / AdamUpdate::kBlock}} {}
  std::size_t bytes() const { return static_cast<std::size_t>(gradient.bytes() + counts.bytes()); }
};

// A matmul and the adam behind it, whose nonfinite gradients are counted once more, by rows.
class UpdatingKernel final : public Kernel {
 public:
  explicit UpdatingKernel(const Call& call) : between_(call) {
    const Fused& op = std::get<Fused>(call.op);
    const Types& in = call.inputs;
    const ValueType& g = between_.gradient;
    core_ = kernel_of({std::get<MatMul>(op.core), {in[0], in[1]}, {g}});
    update_ = kernel_of({*update_of(op),
                         {in[2], in[3], in[4], g, in[5], in[6]},
                         {call.outputs[0], call.outputs[1], call.outputs[2], between_.counts}});
  }

  void run(const Args& args, Range range) const noexcept override {
    void* const g = args.scratch;
    core_->run({args.inputs, &g, nullptr, nullptr}, range);
    const void* const inputs[] = {args.inputs[2], args.inputs[3], args.inputs[4], g,
                                  args.inputs[5], args.inputs[6]};
    void* const outputs[] = {args.outputs[0], args.outputs[1], args.outputs[2],
                             args.scratch + between_.gradient.bytes()};
    update_->run({inputs, outputs, nullptr, nullptr}, range);
    auto* counts = static_cast<std::int32_t*>(args.outputs[3]);
    if (between_.gradient.dtype == DType::f64)
      count(static_cast<const double*>(g), counts);
    else
      count(static_cast<const float*>(g), counts);
  }

 private:
  template <typename T>
  void count(const T* g, std::int32_t* counts) const {
    const Shape& shape = between_.gradient.shape;
    std::fill_n(counts, (shape[0] + Fused::kUpdateRows - 1) / Fused::kUpdateRows, 0);
    for (std::int64_t i = 0; i < shape.elements(); ++i)
      if (!std::isfinite(g[i])) ++counts[i / shape[1] / Fused::kUpdateRows];
  }

  UpdateScratch between_;
  std::unique_ptr<const Kernel> core_;
  std::unique_ptr<const Kernel> update_;
};

bool updates(const Call& call) { return update_of(std::get<Fused>(call.op)) != nullptr; }

struct FusedEntry : FloatKernel {
  using Op = Fused;
  static constexpr auto in_place = kNeverInPlace;
};

}  // namespace

// x: [N,H,W,C]  W: [R,S,C,K], or a: [M,C]  b: [C,K], or x: [N,H,W,C]; then each bias: [K] -> the
// core's outputs
KernelEntry fused() {
  KernelEntry entry = {};
  entry.op = op_index<Fused>;
  entry.name = "reference/fused";
  entry.backend = Backend::reference;
  entry.kind = KernelKind::lane;
  entry.grid = Grid::whole;
  entry.accepts = accepts<FusedEntry>;
  entry.needs = [](const Call& call) {
    Needs result = needs<FusedEntry>(call);
    result.scratch_bytes = updates(call) ? UpdateScratch(call).bytes() : map_bytes(call);
    return result;
  };
  entry.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    if (updates(call)) return std::make_unique<const UpdatingKernel>(call);
    return std::make_unique<const FusedKernel>(call);
  };
  return entry;
}

}  // namespace evenkeel::reference
