// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/activations.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/exp-inl.h"
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

struct Lean {
  float slope;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(x, hn::Set(d, slope)));
  }
};

struct LeanGrad {
  float slope;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), dy, hn::Mul(dy, hn::Set(d, slope)));
  }
};

// Comparisons with NaN are false: it stays.
struct Cut6 {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const auto six = hn::Set(d, 6.0F);
    const auto y = hn::IfThenElse(hn::Ge(x, six), six, x);
    return hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), y);
  }
};

struct Cut6Grad {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V y) const {
    const auto inside = hn::And(hn::Gt(y, hn::Zero(d)), hn::Lt(y, hn::Set(d, 6.0F)));
    return hn::IfThenElseZero(inside, dy);
  }
};

struct SigmoidSlope {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V y) const {
    return hn::Mul(hn::Mul(dy, y), hn::Sub(hn::Set(d, 1.0F), y));
  }
};

struct TanhSlope {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V dy, V y) const {
    return hn::Mul(dy, hn::Sub(hn::Set(d, 1.0F), hn::Mul(y, y)));
  }
};

// x, y: [count]; only leaky_relu reads the slope.
void leaky_relu_f32(const float* x, float* y, size_t count, float slope) {
  map1(x, y, count, Lean{slope});
}
void relu6_f32(const float* x, float* y, size_t count, float) { map1(x, y, count, Cut6()); }
void sigmoid_f32(const float* x, float* y, size_t count, float) { map1(x, y, count, SigmoidOf()); }
void tanh_f32(const float* x, float* y, size_t count, float) { map1(x, y, count, TanhOf()); }

// dy, y, dx: [count].
void leaky_relu_grad_f32(const float* dy, const float* y, float* dx, size_t count, float slope) {
  map2(dy, y, dx, count, LeanGrad{slope});
}
void relu6_grad_f32(const float* dy, const float* y, float* dx, size_t count, float) {
  map2(dy, y, dx, count, Cut6Grad());
}
void sigmoid_grad_f32(const float* dy, const float* y, float* dx, size_t count, float) {
  map2(dy, y, dx, count, SigmoidSlope());
}
void tanh_grad_f32(const float* dy, const float* y, float* dx, size_t count, float) {
  map2(dy, y, dx, count, TanhSlope());
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(leaky_relu_f32);
HWY_EXPORT(relu6_f32);
HWY_EXPORT(sigmoid_f32);
HWY_EXPORT(tanh_f32);
HWY_EXPORT(leaky_relu_grad_f32);
HWY_EXPORT(relu6_grad_f32);
HWY_EXPORT(sigmoid_grad_f32);
HWY_EXPORT(tanh_grad_f32);

template <typename OpType>
float slope_of(const Call& call) {
  if constexpr (requires(const OpType& op) { op.slope; })
    return static_cast<float>(std::get<OpType>(call.op).slope);
  else
    return 0;
}

// y = f(x); Self::map() is f's loop for this machine.
template <typename Self, typename OpType>
struct Forward : ElementwiseKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}};
  explicit Forward(const Call& call) : ElementwiseKernel(call), slope(slope_of<Op>(call)) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    Self::map()(in<float>(args, 0) + e.begin, out<float>(args, 0) + e.begin, e.count(), slope);
  }
  float slope;
};

// dx = f(dy, y).
template <typename Self, typename OpType>
struct Backward : ElementwiseKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  explicit Backward(const Call& call) : ElementwiseKernel(call), slope(slope_of<Op>(call)) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    Self::map()(in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin,
                out<float>(args, 0) + e.begin, e.count(), slope);
  }
  float slope;
};

struct LeakyReluKernel : Forward<LeakyReluKernel, LeakyRelu> {
  static constexpr std::string_view name = "native/leaky_relu";
  using Forward::Forward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(leaky_relu_f32); }
};
struct Relu6Kernel : Forward<Relu6Kernel, Relu6> {
  static constexpr std::string_view name = "native/relu6";
  using Forward::Forward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(relu6_f32); }
};
struct SigmoidKernel : Forward<SigmoidKernel, Sigmoid> {
  static constexpr std::string_view name = "native/sigmoid";
  static constexpr Accuracy accuracy = Accuracy::reordered;
  using Forward::Forward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(sigmoid_f32); }
};
struct TanhKernel : Forward<TanhKernel, Tanh> {
  static constexpr std::string_view name = "native/tanh";
  static constexpr Accuracy accuracy = Accuracy::reordered;
  using Forward::Forward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(tanh_f32); }
};

struct LeakyReluGradKernel : Backward<LeakyReluGradKernel, LeakyReluGrad> {
  static constexpr std::string_view name = "native/leaky_relu_grad";
  using Backward::Backward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(leaky_relu_grad_f32); }
};
struct Relu6GradKernel : Backward<Relu6GradKernel, Relu6Grad> {
  static constexpr std::string_view name = "native/relu6_grad";
  using Backward::Backward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(relu6_grad_f32); }
};
struct SigmoidGradKernel : Backward<SigmoidGradKernel, SigmoidGrad> {
  static constexpr std::string_view name = "native/sigmoid_grad";
  using Backward::Backward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(sigmoid_grad_f32); }
};
struct TanhGradKernel : Backward<TanhGradKernel, TanhGrad> {
  static constexpr std::string_view name = "native/tanh_grad";
  using Backward::Backward;
  static auto map() { return HWY_DYNAMIC_DISPATCH(tanh_grad_f32); }
};

}  // namespace

KernelEntry leaky_relu() { return entry_of<LeakyReluKernel>(); }
KernelEntry leaky_relu_grad() { return entry_of<LeakyReluGradKernel>(); }
KernelEntry relu6() { return entry_of<Relu6Kernel>(); }
KernelEntry relu6_grad() { return entry_of<Relu6GradKernel>(); }
KernelEntry sigmoid() { return entry_of<SigmoidKernel>(); }
KernelEntry sigmoid_grad() { return entry_of<SigmoidGradKernel>(); }
KernelEntry tanh() { return entry_of<TanhKernel>(); }
KernelEntry tanh_grad() { return entry_of<TanhGradKernel>(); }

}  // namespace evenkeel::native
#endif
