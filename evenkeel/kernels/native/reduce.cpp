// SPDX-License-Identifier: Apache-2.0
// Whole-tensor reductions in index order; far too small for vectors.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

struct WholeKernel {
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
};

struct MeanKernel : WholeKernel {
  using Op = Mean;
  static constexpr std::string_view name = "native/mean";
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit MeanKernel(const Call& call) : count(call.inputs[0].shape.elements()) {}
  void run(const Args& args, Range) const {
    const float* x = in<float>(args, 0);
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += x[i];
    *out<float>(args, 0) = static_cast<float>(sum / static_cast<double>(count));
  }
  std::int64_t count;
};

struct MeanGradKernel : WholeKernel {
  using Op = MeanGrad;
  static constexpr std::string_view name = "native/mean_grad";
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit MeanGradKernel(const Call& call) : count(call.outputs[0].shape.elements()) {}
  void run(const Args& args, Range) const {
    const float dx =
        static_cast<float>(static_cast<double>(*in<float>(args, 0)) / static_cast<double>(count));
    std::fill_n(out<float>(args, 0), count, dx);
  }
  std::int64_t count;
};

struct SumKernel : WholeKernel {
  using Op = Sum;
  static constexpr std::string_view name = "native/sum";
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::i32) && is_dense(call.outputs[0], DType::i32);
  }
  explicit SumKernel(const Call& call) : count(call.inputs[0].shape.elements()) {}
  void run(const Args& args, Range) const {
    const std::int32_t* x = in<std::int32_t>(args, 0);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += x[i];
    *out<std::int32_t>(args, 0) = static_cast<std::int32_t>(sum);
  }
  std::int64_t count;
};

}  // namespace

KernelEntry mean() { return entry_of<MeanKernel>(); }
KernelEntry mean_grad() { return entry_of<MeanGradKernel>(); }
KernelEntry sum() { return entry_of<SumKernel>(); }

}  // namespace evenkeel::native
