// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
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

// The expansion itself: the core's kernel writes y, then each of the epilogue's works on y in
// place.
class FusedKernel final : public Kernel {
 public:
  explicit FusedKernel(const Call& call)
      : next_operand_(input_count(std::get<Fused>(call.op).core)) {
    const Fused& op = std::get<Fused>(call.op);
    std::visit(
        [&](const auto& core) {
          core_ = kernel_of({core, call.inputs, call.outputs});
        },
        op.core);
    for (const FusedEpilogue& step : op.epilogue)
      std::visit([&](const auto& each) { append(call, each); }, step);
  }

  void run(const Args& args, Range range) const noexcept override {
    core_->run(args, range);  // reads its own inputs, the first ones
    for (const Step& step : epilogue_) {
      const std::array<const void*, 2> inputs = {args.outputs[0], args.inputs[step.operand]};
      step.kernel->run({inputs.data(), args.outputs, args.scratch, args.context}, range);
    }
  }

 private:
  struct Step {
    std::unique_ptr<const Kernel> kernel;
    std::size_t operand;  // the input that it reads besides y, if it does
  };

  void append(const Call& call, const BiasAdd& op) {
    const std::size_t bias = next_operand_++;
    const Types inputs = {call.outputs[0], call.inputs[bias]};
    epilogue_.push_back({kernel_of({op, inputs, {call.outputs[0]}}), bias});
  }
  void append(const Call& call, const Relu& op) {
    epilogue_.push_back({kernel_of({op, {call.outputs[0]}, {call.outputs[0]}}), 0});
  }

  std::unique_ptr<const Kernel> core_;
  std::vector<Step> epilogue_;
  std::size_t next_operand_;
};

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
  entry.needs = needs<FusedEntry>;
  entry.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    return std::make_unique<const FusedKernel>(call);
  };
  return entry;
}

}  // namespace evenkeel::reference
