// SPDX-License-Identifier: Apache-2.0
// Weights of samples, and the gradient through moments: [N,C] and [N,..,C] element by element.
#include <limits>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// count, M2: f64[N,C], weights: [N] -> both weighted.
struct WeightMomentsKernel : ElementwiseKernel {
  using Op = WeightMoments;
  static constexpr std::string_view name = "native/weight_moments";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f64) && is_dense(call.inputs[1], DType::f64) &&
           is_dense(call.inputs[2], DType::f32);
  }
  explicit WeightMomentsKernel(const Call& call)
      : ElementwiseKernel(call), C(static_cast<std::size_t>(call.inputs[0].shape.back())) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    for (std::size_t i = e.begin; i < e.end; ++i) {
      const double given = in<float>(args, 2)[i / C];
      const double weight = given >= 0 ? given : std::numeric_limits<double>::quiet_NaN();
      out<double>(args, 0)[i] = weight * in<double>(args, 0)[i];
      out<double>(args, 1)[i] = weight * in<double>(args, 1)[i];
    }
  }
  std::size_t C;
};

// a: [N], b: [C] -> [N,C].
struct OuterKernel : ElementwiseKernel {
  using Op = Outer;
  static constexpr std::string_view name = "native/outer";
  static constexpr auto in_place = kNeverInPlace;
  explicit OuterKernel(const Call& call)
      : ElementwiseKernel(call), C(static_cast<std::size_t>(call.inputs[1].shape[0])) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    for (std::size_t i = e.begin; i < e.end; ++i)
      out<float>(args, 0)[i] = in<float>(args, 0)[i / C] * in<float>(args, 1)[i % C];
  }
  std::size_t C;
};

// x, dx: [N,..,C], count, mean, dmean, dM2: f64[C] or f64[N,C].
struct ChannelMomentsGradKernel : ElementwiseKernel {
  using Op = ChannelMomentsGrad;
  static constexpr std::string_view name = "native/channel_moments_grad";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return is_dense(call.inputs[0], DType::f32); }
  explicit ChannelMomentsGradKernel(const Call& call)
      : ElementwiseKernel(call), C(static_cast<std::size_t>(call.inputs[0].shape.back())) {
    const Shape& x = call.inputs[0].shape;
    const bool each_sample = call.inputs[1].shape.rank() == 2;
    part = static_cast<std::size_t>(each_sample ? x.elements_per_sample() : x.elements());
  }
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    for (std::size_t i = e.begin; i < e.end; ++i) {
      const std::size_t k = i / part * C + i % C;
      const double centred = static_cast<double>(in<float>(args, 0)[i]) - in<double>(args, 2)[k];
      out<float>(args, 0)[i] = static_cast<float>(in<double>(args, 3)[k] / in<double>(args, 1)[k] +
                                                  2 * centred * in<double>(args, 4)[k]);
    }
  }
  std::size_t C;
  std::size_t part;  // elements that share moments
};

}  // namespace

KernelEntry weight_moments() { return entry_of<WeightMomentsKernel>(); }
KernelEntry outer() { return entry_of<OuterKernel>(); }
KernelEntry channel_moments_grad() { return entry_of<ChannelMomentsGradKernel>(); }

}  // namespace evenkeel::native
