// SPDX-License-Identifier: Apache-2.0
// Clipping by the global norm.
#include <cmath>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// x: f32 of any shape -> y: f64[]. Sixteen sums side by side, which the compiler keeps in vectors;
// the order depends on the number of elements alone.
struct SquaredNormKernel {
  using Op = SquaredNorm;
  static constexpr std::string_view name = "native/squared_norm";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return is_dense(call.inputs[0], DType::f32); }
  explicit SquaredNormKernel(const Call& call) : count(call.inputs[0].shape.elements()) {}
  void run(const Args& args, Range) const {
    constexpr std::int64_t kSums = 16;
    const float* x = in<float>(args, 0);
    std::array<double, kSums> sums = {};
    const auto add = [&](std::int64_t i, std::int64_t sum) {
      const double value = x[i + sum];
      sums[static_cast<std::size_t>(sum)] += value * value;
    };
    std::int64_t i = 0;
    for (; i + kSums <= count; i += kSums)
      for (std::int64_t sum = 0; sum < kSums; ++sum) add(i, sum);
    for (std::int64_t sum = 0; i + sum < count; ++sum) add(i, sum);
    double total = 0;
    for (const double sum : sums) total += sum;
    *out<double>(args, 0) = total;
  }
  std::int64_t count;
};

// s: f64[] -> y: f32[].
struct ClipFactorKernel {
  using Op = ClipFactor;
  static constexpr std::string_view name = "native/clip_factor";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f64) && is_dense(call.outputs[0], DType::f32);
  }
  explicit ClipFactorKernel(const Call& call) : largest(std::get<Op>(call.op).largest) {}
  void run(const Args& args, Range) const {
    constexpr double kEpsilon = 1e-6;
    const double norm = std::sqrt(*in<double>(args, 0));
    const double factor = std::isfinite(norm) ? std::min(1.0, largest / (norm + kEpsilon)) : 1;
    *out<float>(args, 0) = static_cast<float>(factor);
  }
  double largest;
};

}  // namespace

KernelEntry squared_norm() { return entry_of<SquaredNormKernel>(); }
KernelEntry clip_factor() { return entry_of<ClipFactorKernel>(); }

}  // namespace evenkeel::native
