// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/moving_average.h"

#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/moving_average.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// a + take (b - a): what is equal stays as it is, which k a + (1 - k) b in f32 does not give.
struct Towards {
  float take;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b) const {
    return hn::Add(a, hn::Mul(hn::Sub(b, a), hn::Set(d, take)));
  }
};

// moving, value, y: [count].
void moving_average_f32(const float* moving, const float* value, float take, float* y,
                        size_t count) {
  map2(moving, value, y, count, Towards{take});
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(moving_average_f32);

struct MovingAverageKernel : ElementwiseKernel {
  using Op = MovingAverage;
  static constexpr std::string_view name = "native/moving_average";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.inputs[1], DType::i64) &&
           is_dense(call.inputs[2], DType::f32);
  }
  explicit MovingAverageKernel(const Call& call)
      : ElementwiseKernel(call), op(std::get<Op>(call.op)) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    const double keep = kept(op, static_cast<double>(*in<std::int64_t>(args, 1)) / op.ramp);
    HWY_DYNAMIC_DISPATCH(moving_average_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 2) + e.begin, static_cast<float>(1 - keep),
     out<float>(args, 0) + e.begin, e.count());
  }
  Op op;
};

}  // namespace

KernelEntry moving_average() { return entry_of<MovingAverageKernel>(); }

}  // namespace evenkeel::native
#endif
