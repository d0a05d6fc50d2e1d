// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/rowwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/layer_norm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/layer_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// y = ((x - center) inverse + shift) gamma + beta.
struct Normalise {
  const float *x, *gamma, *beta;
  float center, inverse, shift;
  template <class D>
  HWY_INLINE auto operator()(D d, size_t i) const {
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, center));
    const auto xhat = hn::Add(hn::Mul(centred, hn::Set(d, inverse)), hn::Set(d, shift));
    return hn::Add(hn::Mul(xhat, hn::LoadU(d, gamma + i)), hn::LoadU(d, beta + i));
  }
};

// x, y: [rows, C]; gamma, beta: [C].
void layer_norm_f32(const float* x, const float* gamma, const float* beta, double epsilon, float* y,
                    size_t rows, size_t C) {
  for (size_t r = 0; r < rows; ++r, x += C, y += C) {
    const RowStatistics s = row_statistics(x, C, epsilon);
    map_row(C, y, Normalise{x, gamma, beta, s.center, static_cast<float>(s.inverse), s.shift()});
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(layer_norm_f32);

struct LayerNormKernel : RowwiseKernel {
  using Op = LayerNorm;
  static constexpr std::string_view name = "native/layer_norm";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit LayerNormKernel(const Call& call)
      : RowwiseKernel(call), epsilon(std::get<Op>(call.op).epsilon) {}
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(layer_norm_f32)
    (in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), epsilon, out<float>(args, 0),
     static_cast<std::size_t>(N), static_cast<std::size_t>(K));
  }
  double epsilon;
};

}  // namespace

KernelEntry layer_norm() { return entry_of<LayerNormKernel>(); }

}  // namespace evenkeel::native
#endif
