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

template <typename OpType>
Types inferred(const OpType& op, const Types& inputs) {
  return op.infer(ShapeScope({}, op.name, inputs));
}

// What is made on the way and is no operand: what the prologue makes of x, and the map that a
// pooling reads.
struct Intermediates {
  Types x;      // none without a prologue
  ValueType y;  // the core's
  bool pools = false;

  explicit Intermediates(const Call& call) {
    const Fused& op = std::get<Fused>(call.op);
    auto next = call.inputs.begin();
    const auto infer = [&](const auto& part, std::size_t inputs) {
      Types operands = x;
      for (std::size_t i = operands.size(); i < inputs; ++i) operands.push_back(*next++);
      return inferred(part, operands)[0];
    };
    for (const FusedPrologue& step : op.prologue)
      x = {std::visit([&](const auto& part) { return infer(part, input_count(step)); }, step)};
    y = std::visit([&](const auto& part) { return infer(part, input_count(op.core)); }, op.core);
    pools = !op.epilogue.empty() && std::holds_alternative<MaxPool2d>(op.epilogue.back());
  }
  std::size_t x_bytes() const { return x.empty() ? 0 : static_cast<std::size_t>(x[0].bytes()); }
  std::size_t bytes() const {
    return x_bytes() + (pools ? static_cast<std::size_t>(y.bytes()) : 0);
  }
};

// The expansion itself, op after op: the prologue's first writes x, the core y, the others work on
// these in place, and a pooling or sums read y.
class FusedKernel final : public Kernel {
 public:
  explicit FusedKernel(const Call& call) : between_(call) {
    const Fused& op = std::get<Fused>(call.op);
    for (const FusedPrologue& step : op.prologue)
      std::visit([&](const auto& part) { append(call, part, input_count(step), Where::x); }, step);
    std::visit([&](const auto& part) { append(call, part, input_count(op.core), Where::y); },
               op.core);
    for (const FusedEpilogue& step : op.epilogue)
      std::visit(
          [&](const auto& part) { append(call, part, 1 + further_inputs(step), after(part)); },
          step);
  }

  void run(const Args& args, Range range) const noexcept override {
    void* const x = args.scratch;
    void* const y = between_.pools ? args.scratch + between_.x_bytes() : args.outputs[0];
    const void* made = nullptr;
    for (const Step& step : steps_) {
      std::array<const void*, kMostInputs> inputs = {made};
      std::copy_n(args.inputs + step.first, step.count, inputs.begin() + (made != nullptr ? 1 : 0));
      std::array<void*, 2> outputs = {step.to == Where::x ? x : y,
                                      step.second ? args.outputs[1] : nullptr};
      void* const* to = outputs.data();
      if (step.to == Where::pooled) to = args.outputs;
      if (step.to == Where::sums) to = args.outputs + 1;
      step.kernel->run({inputs.data(), to, nullptr, nullptr}, range);
      made = step.to == Where::x ? x : y;
    }
  }

 private:
  enum class Where : std::uint8_t { x, y, pooled, sums };
  static constexpr std::size_t kMostInputs = 8;
  struct Step {
    std::unique_ptr<const Kernel> kernel;
    std::size_t first;  // of the operands that it reads besides what is made
    std::size_t count;
    Where to;
    bool second;  // the core's argmax
  };

  static Where after(const MaxPool2d&) { return Where::pooled; }
  static Where after(const ChannelMoments&) { return Where::sums; }
  static Where after(const BatchNormGradSums&) { return Where::sums; }
  template <typename OpType>
  static Where after(const OpType&) {
    return Where::y;
  }

  // `inputs` counts what is made, of type `made_`, where anything is.
  template <typename OpType>
  void append(const Call& call, const OpType& op, std::size_t inputs, Where to) {
    Types operands = made_;
    const std::size_t count = inputs - operands.size();
    const auto first = call.inputs.begin() + static_cast<std::ptrdiff_t>(next_);
    operands.insert(operands.end(), first, first + static_cast<std::ptrdiff_t>(count));
    const Types outputs = inferred(op, operands);
    const bool second = to == Where::y && outputs.size() > 1;
    steps_.push_back({kernel_of({op, operands, outputs}), next_, count, to, second});
    next_ += count;
    if (to == Where::x || to == Where::y) made_ = {outputs[0]};
  }

  Intermediates between_;
  std::vector<Step> steps_;
  Types made_;  // until here
  std::size_t next_ = 0;
};

// Numbers that adam takes between: the gradient and its counts by blocks.
struct UpdateScratch {
  ValueType gradient;
  ValueType counts;
  explicit UpdateScratch(const Call& call)
      : gradient(Intermediates(call).y),
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

// The operands of its ops, in order -> the outputs of the last, or of the core and the last.
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
    result.scratch_bytes =
        updates(call) ? UpdateScratch(call).bytes() : Intermediates(call).bytes();
    return result;
  };
  entry.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    if (updates(call)) return std::make_unique<const UpdatingKernel>(call);
    return std::make_unique<const FusedKernel>(call);
  };
  return entry;
}

}  // namespace evenkeel::reference
