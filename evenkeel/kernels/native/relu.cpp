// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/relu.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// x, y: [count].
void relu_f32(const float* x, float* y, size_t count) { map1(x, y, count, Rectify()); }

// dy, y, dx: [count].
void relu_grad_f32(const float* dy, const float* y, float* dx, size_t count) {
  map2(dy, y, dx, count, RectifyGrad());
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(relu_f32);
HWY_EXPORT(relu_grad_f32);

struct ReluKernel : ElementwiseKernel {
  using Op = Relu;
  static constexpr std::string_view name = "native/relu";
  static constexpr std::array in_place = {InPlace{0, 0}};
  using ElementwiseKernel::ElementwiseKernel;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(relu_f32)
    (in<float>(args, 0) + e.begin, out<float>(args, 0) + e.begin, e.count());
  }
};

struct ReluGradKernel : ElementwiseKernel {
  using Op = ReluGrad;
  static constexpr std::string_view name = "native/relu_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  using ElementwiseKernel::ElementwiseKernel;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(relu_grad_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin, out<float>(args, 0) + e.begin,
     e.count());
  }
};

}  // namespace

KernelEntry relu() { return entry_of<ReluKernel>(); }
KernelEntry relu_grad() { return entry_of<ReluGradKernel>(); }

}  // namespace evenkeel::native
#endif
