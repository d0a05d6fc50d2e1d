// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// x, y: any one shape; y = f(x).
template <typename OpType>
struct Forward : FloatKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}};

  template <typename T, typename F>
  static void map(const Operands<OpType>& o, const F& f) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i) o.template out<T>(0)[i] = f(o.template in<T>(0)[i]);
  }
};

// dy, y, dx: any one shape; dx = f(dy, y).
template <typename OpType>
struct Backward : FloatKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  template <typename T, typename F>
  static void map(const Operands<OpType>& o, const F& f) {
    const std::int64_t count = o.out_shape(0).elements();
    for (std::int64_t i = 0; i < count; ++i)
      o.template out<T>(0)[i] = f(o.template in<T>(0)[i], o.template in<T>(1)[i]);
  }
};

struct LeakyReluKernel : Forward<LeakyRelu> {
  static constexpr std::string_view name = "reference/leaky_relu";
  template <typename T>
  static void run(const Operands<LeakyRelu>& o) {
    const T slope = static_cast<T>(o.op.slope);
    map<T>(o, [&](T x) { return x > 0 ? x : slope * x; });
  }
};

struct LeakyReluGradKernel : Backward<LeakyReluGrad> {
  static constexpr std::string_view name = "reference/leaky_relu_grad";
  template <typename T>
  static void run(const Operands<LeakyReluGrad>& o) {
    const T slope = static_cast<T>(o.op.slope);
    map<T>(o, [&](T dy, T y) { return y > 0 ? dy : slope * dy; });
  }
};

struct Relu6Kernel : Forward<Relu6> {
  static constexpr std::string_view name = "reference/relu6";
  template <typename T>
  static void run(const Operands<Relu6>& o) {
    map<T>(o, [](T x) { return x <= 0 ? T{0} : x >= 6 ? T{6} : x; });  // NaN stays
  }
};

struct Relu6GradKernel : Backward<Relu6Grad> {
  static constexpr std::string_view name = "reference/relu6_grad";
  template <typename T>
  static void run(const Operands<Relu6Grad>& o) {
    map<T>(o, [](T dy, T y) { return y > 0 && y < 6 ? dy : T{0}; });
  }
};

struct SigmoidKernel : Forward<Sigmoid> {
  static constexpr std::string_view name = "reference/sigmoid";
  template <typename T>
  static void run(const Operands<Sigmoid>& o) {
    map<T>(o, [](T x) { return static_cast<T>(1 / (1 + std::exp(-static_cast<double>(x)))); });
  }
};

struct SigmoidGradKernel : Backward<SigmoidGrad> {
  static constexpr std::string_view name = "reference/sigmoid_grad";
  template <typename T>
  static void run(const Operands<SigmoidGrad>& o) {
    map<T>(o, [](T dy, T y) { return dy * y * (1 - y); });
  }
};

struct TanhKernel : Forward<Tanh> {
  static constexpr std::string_view name = "reference/tanh";
  template <typename T>
  static void run(const Operands<Tanh>& o) {
    map<T>(o, [](T x) { return static_cast<T>(std::tanh(static_cast<double>(x))); });
  }
};

struct TanhGradKernel : Backward<TanhGrad> {
  static constexpr std::string_view name = "reference/tanh_grad";
  template <typename T>
  static void run(const Operands<TanhGrad>& o) {
    map<T>(o, [](T dy, T y) { return dy * (1 - y * y); });
  }
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

}  // namespace evenkeel::reference
