// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
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
  void append(const Call& call, const MaxPool2d& op) {
    epilogue_.push_back({kernel_of({op, {y_}, call.outputs}), 0, true});
  }

  ValueType y_;  // the core's
  bool pools_;   // then y_ stands in the scratch
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
  entry.needs = [](const Call& call) {
    Needs result = needs<FusedEntry>(call);
    result.scratch_bytes = map_bytes(call);
    return result;
  };
  entry.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    return std::make_unique<const FusedKernel>(call);
  };
  return entry;
}

}  // namespace evenkeel::reference
