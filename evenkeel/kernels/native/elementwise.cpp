// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/elementwise.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// a, b, y: [count].
void add_f32(const float* a, const float* b, float* y, size_t count) {
  map2(a, b, y, count, Sum2());
}

struct RectifiedSum {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b) const {
    return Rectify()(d, hn::Add(a, b));
  }
};

struct MaskedSum {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b, V y) const {
    return RectifyGrad()(d, hn::Add(a, b), y);
  }
};

// a, b, y: [count].
void add_relu_f32(const float* a, const float* b, float* y, size_t count) {
  map2(a, b, y, count, RectifiedSum());
}

// a, b, y, dx: [count].
void add_relu_grad_f32(const float* a, const float* b, const float* y, float* dx, size_t count) {
  map3(a, b, y, dx, count, MaskedSum());
}

// a, b, y: [count].
void multiply_f32(const float* a, const float* b, float* y, size_t count) {
  map2(a, b, y, count, Product2());
}

// x, y: [count].
void scale_f32(const float* x, float factor, float* y, size_t count) {
  map1(x, y, count, ScaleBy{factor});
}

template <class D>
HWY_INLINE void scale_lanes(D d, const uint8_t* x, float factor, float* y) {
  const hn::Rebind<uint8_t, D> du8;
  const hn::Rebind<int32_t, D> di32;
  const auto wide = hn::ConvertTo(d, hn::PromoteTo(di32, hn::LoadU(du8, x)));
  hn::StoreU(hn::Mul(wide, hn::Set(d, factor)), d, y);
}

// x: u8[count], y: [count].
void scale_u8(const uint8_t* x, float factor, float* y, size_t count) {
  const Full d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) scale_lanes(d, x + i, factor, y + i);
  for (; i < count; ++i) scale_lanes(One(), x + i, factor, y + i);
}

// x, y: [.., C], v: [C]; elements [begin, end).
void scale_channels_f32(const float* x, const float* v, size_t C, float* y, size_t begin,
                        size_t end) {
  map_periodic(x, v, C, y, begin, end, Product2());
}

// x, y: [N, size], v: [N]; elements [begin, end).
void scale_samples_f32(const float* x, const float* v, size_t size, float* y, size_t begin,
                       size_t end) {
  while (begin < end) {
    const size_t n = begin / size;
    const size_t count = HWY_MIN((n + 1) * size, end) - begin;
    map1(x + begin, y + begin, count, ScaleBy{v[n]});
    begin += count;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(add_f32);
HWY_EXPORT(add_relu_f32);
HWY_EXPORT(add_relu_grad_f32);
HWY_EXPORT(multiply_f32);
HWY_EXPORT(scale_f32);
HWY_EXPORT(scale_u8);
HWY_EXPORT(scale_channels_f32);
HWY_EXPORT(scale_samples_f32);

struct AddKernel : ElementwiseKernel {
  using Op = Add;
  static constexpr std::string_view name = "native/add";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  using ElementwiseKernel::ElementwiseKernel;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(add_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin, out<float>(args, 0) + e.begin,
     e.count());
  }
};

// add with `Step` behind it.
template <typename Step>
struct FusedAdd : ElementwiseKernel {
  using Op = Fused;
  static bool accepts(const Call& call) {
    const auto& op = std::get<Fused>(call.op);
    return std::holds_alternative<Add>(op.core) && op.prologue.empty() && op.epilogue.size() == 1 &&
           std::holds_alternative<Step>(op.epilogue[0]) && all_f32(call);
  }
  using ElementwiseKernel::ElementwiseKernel;
};

struct FusedAddReluKernel : FusedAdd<Relu> {
  static constexpr std::string_view name = "native/fused/add_relu";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  using FusedAdd::FusedAdd;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(add_relu_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin, out<float>(args, 0) + e.begin,
     e.count());
  }
};

struct FusedAddReluGradKernel : FusedAdd<ReluGrad> {
  static constexpr std::string_view name = "native/fused/add_relu_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}, InPlace{2, 0}};
  using FusedAdd::FusedAdd;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(add_relu_grad_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin, in<float>(args, 2) + e.begin,
     out<float>(args, 0) + e.begin, e.count());
  }
};

struct MultiplyKernel : ElementwiseKernel {
  using Op = Multiply;
  static constexpr std::string_view name = "native/multiply";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  using ElementwiseKernel::ElementwiseKernel;
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(multiply_f32)
    (in<float>(args, 0) + e.begin, in<float>(args, 1) + e.begin, out<float>(args, 0) + e.begin,
     e.count());
  }
};

struct ScaleKernel : ElementwiseKernel {
  using Op = Scale;
  static constexpr std::string_view name = "native/scale";
  static constexpr std::array in_place = {InPlace{0, 0}};
  explicit ScaleKernel(const Call& call)
      : ElementwiseKernel(call), factor(static_cast<float>(std::get<Scale>(call.op).factor)) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(scale_f32)
    (in<float>(args, 0) + e.begin, factor, out<float>(args, 0) + e.begin, e.count());
  }
  float factor;
};

struct ScaleBytesKernel : ElementwiseKernel {
  using Op = Scale;
  static constexpr std::string_view name = "native/scale/u8";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::u8) && is_dense(call.outputs[0], DType::f32);
  }
  explicit ScaleBytesKernel(const Call& call)
      : ElementwiseKernel(call), factor(static_cast<float>(std::get<Scale>(call.op).factor)) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(scale_u8)
    (in<std::uint8_t>(args, 0) + e.begin, factor, out<float>(args, 0) + e.begin, e.count());
  }
  float factor;
};

struct ScaleAxisKernel : ElementwiseKernel {
  using Op = ScaleAxis;
  static constexpr std::string_view name = "native/scale_axis";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) {
    return all_f32(call) && (single(call) || first(call) || last(call));
  }
  explicit ScaleAxisKernel(const Call& call)
      : ElementwiseKernel(call),
        by_channel(!single(call) && !first(call)),
        period(static_cast<std::size_t>(call.outputs[0].shape.elements())) {
    if (by_channel) period = static_cast<std::size_t>(call.inputs[1].shape.elements());
    if (!by_channel && !single(call)) period /= static_cast<std::size_t>(call.inputs[1].shape[0]);
  }
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    if (e.begin >= e.end) return;
    const auto scale = by_channel ? HWY_DYNAMIC_DISPATCH(scale_channels_f32)
                                  : HWY_DYNAMIC_DISPATCH(scale_samples_f32);
    scale(in<float>(args, 0), in<float>(args, 1), period, out<float>(args, 0), e.begin, e.end);
  }
  bool by_channel;
  std::size_t period;  // elements until v repeats, or that share one v

 private:
  static bool single(const Call& call) { return call.inputs[1].shape.rank() == 0; }
  static bool first(const Call& call) { return std::get<ScaleAxis>(call.op).axis == 0; }
  static bool last(const Call& call) {
    const std::int64_t axis = std::get<ScaleAxis>(call.op).axis;
    return axis == -1 || axis + 1 == static_cast<std::int64_t>(call.inputs[0].shape.rank());
  }
};

struct IncrementKernel {
  using Op = Increment;
  static constexpr std::string_view name = "native/increment";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return is_dense(call.inputs[0], DType::i64); }
  explicit IncrementKernel(const Call& call) : count(call.inputs[0].shape.elements()) {}
  void run(const Args& args, Range) const {
    for (std::int64_t i = 0; i < count; ++i)
      out<std::int64_t>(args, 0)[i] = in<std::int64_t>(args, 0)[i] + 1;
  }
  std::int64_t count;
};

}  // namespace

KernelEntry add() { return entry_of<AddKernel>(); }
KernelEntry fused_add_relu() { return entry_of<FusedAddReluKernel>(); }
KernelEntry fused_add_relu_grad() { return entry_of<FusedAddReluGradKernel>(); }
KernelEntry multiply() { return entry_of<MultiplyKernel>(); }
KernelEntry scale() { return entry_of<ScaleKernel>(); }
KernelEntry scale_bytes() { return entry_of<ScaleBytesKernel>(); }
KernelEntry scale_axis() { return entry_of<ScaleAxisKernel>(); }
KernelEntry increment() { return entry_of<IncrementKernel>(); }

}  // namespace evenkeel::native
#endif
