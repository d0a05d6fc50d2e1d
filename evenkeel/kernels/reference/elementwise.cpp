// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct ScaleKernel : FloatKernel {
  using Op = Scale;
  static constexpr std::string_view name = "reference/scale";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static DType dtype(const Call& call) { return call.outputs[0].dtype; }

  template <typename T, typename From>
  static void scale(const From* x, T factor, T* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<T>(x[i]) * factor;
  }

  // x, y: any one shape; x may be of another dtype
  template <typename T>
  static void run(const Operands<Scale>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    const T factor = static_cast<T>(o.op.factor);
    switch (o.call.inputs[0].dtype) {
      case DType::u8:
        return scale(o.in<std::uint8_t>(0), factor, o.out<T>(0), count);
      case DType::f32:
        return scale(o.in<float>(0), factor, o.out<T>(0), count);
      case DType::f64:
        return scale(o.in<double>(0), factor, o.out<T>(0), count);
      default:
        return;  // the shape rule lets no other through
    }
  }
};

// a, b, y: any one shape
template <typename OpType, typename Function>
struct PairKernel : FloatKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  template <typename T>
  static void run(const Operands<Op>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.template out<T>(0)[i] = Function{}(o.template in<T>(0)[i], o.template in<T>(1)[i]);
  }
};
struct AddKernel : PairKernel<Add, std::plus<>> {
  static constexpr std::string_view name = "reference/add";
};
struct MultiplyKernel : PairKernel<Multiply, std::multiplies<>> {
  static constexpr std::string_view name = "reference/multiply";
};
struct DivideKernel : PairKernel<Divide, std::divides<>> {
  static constexpr std::string_view name = "reference/divide";
};

struct DifferenceKernel : FloatKernel {
  using Op = Difference;
  static constexpr std::string_view name = "reference/difference";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  static DType dtype(const Call& call) { return call.outputs[0].dtype; }

  static double at(const Operands<Difference>& o, std::size_t input, std::int64_t i) {
    return o.call.inputs[input].dtype == DType::f32 ? o.in<float>(input)[i]
                                                    : o.in<double>(input)[i];
  }

  // a, b, y: any one shape
  template <typename T>
  static void run(const Operands<Difference>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<T>(0)[i] = static_cast<T>(at(o, 0, i) - at(o, 1, i));
  }
};

struct ClampKernel : FloatKernel {
  using Op = Clamp;
  static constexpr std::string_view name = "reference/clamp";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: any one shape  low, high: []
  template <typename T>
  static void run(const Operands<Clamp>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    const T low = *o.in<T>(1);
    const T high = *o.in<T>(2);
    for (std::int64_t i = 0; i < count; ++i) {
      const T x = o.in<T>(0)[i];
      o.out<T>(0)[i] = x < low ? low : x > high ? high : x;
    }
  }
};

struct StopGradientKernel : FloatKernel {
  using Op = StopGradient;
  static constexpr std::string_view name = "reference/stop_gradient";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: any one shape
  template <typename T>
  static void run(const Operands<StopGradient>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    if (o.out<T>(0) != o.in<T>(0)) std::copy_n(o.in<T>(0), count, o.out<T>(0));
  }
};

struct ScaleAxisKernel : FloatKernel {
  using Op = ScaleAxis;
  static constexpr std::string_view name = "reference/scale_axis";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [N,..,C]  v: [N], [C] or []
  template <typename T>
  static void run(const Operands<ScaleAxis>& o) {
    const Shape& x = o.in_shape(0);
    const std::int64_t count = x.elements();
    const std::int64_t C = x.back();
    const std::int64_t per_sample = x.elements_per_sample();
    const bool single = o.in_shape(1).rank() == 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t along = single ? 0 : o.op.axis == 0 ? i / per_sample : i % C;
      o.out<T>(0)[i] = o.in<T>(0)[i] * o.in<T>(1)[along];
    }
  }
};

struct IncrementKernel : PlainKernel {
  using Op = Increment;
  static constexpr std::string_view name = "reference/increment";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: any one shape
  static void run(const Operands<Increment>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.out<std::int64_t>(0)[i] = o.in<std::int64_t>(0)[i] + 1;
  }
};

}  // namespace

KernelEntry scale() { return entry_of<ScaleKernel>(); }
KernelEntry clamp() { return entry_of<ClampKernel>(); }
KernelEntry difference() { return entry_of<DifferenceKernel>(); }
KernelEntry divide() { return entry_of<DivideKernel>(); }
KernelEntry stop_gradient() { return entry_of<StopGradientKernel>(); }
KernelEntry multiply() { return entry_of<MultiplyKernel>(); }
KernelEntry add() { return entry_of<AddKernel>(); }
KernelEntry scale_axis() { return entry_of<ScaleAxisKernel>(); }
KernelEntry increment() { return entry_of<IncrementKernel>(); }

}  // namespace evenkeel::reference
