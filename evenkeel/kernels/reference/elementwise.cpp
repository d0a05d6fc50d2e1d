// SPDX-License-Identifier: Apache-2.0
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

struct AddKernel : FloatKernel {
  using Op = Add;
  static constexpr std::string_view name = "reference/add";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // a, b, y: any one shape
  template <typename T>
  static void run(const Operands<Add>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i) o.out<T>(0)[i] = o.in<T>(0)[i] + o.in<T>(1)[i];
  }
};

struct MultiplyKernel : FloatKernel {
  using Op = Multiply;
  static constexpr std::string_view name = "reference/multiply";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // a, b, y: any one shape
  template <typename T>
  static void run(const Operands<Multiply>& o) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i) o.out<T>(0)[i] = o.in<T>(0)[i] * o.in<T>(1)[i];
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
KernelEntry multiply() { return entry_of<MultiplyKernel>(); }
KernelEntry add() { return entry_of<AddKernel>(); }
KernelEntry scale_axis() { return entry_of<ScaleAxisKernel>(); }
KernelEntry increment() { return entry_of<IncrementKernel>(); }

}  // namespace evenkeel::reference
