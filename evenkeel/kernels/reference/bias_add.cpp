// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

struct BiasAddKernel : FloatKernel {
  using Op = BiasAdd;
  static constexpr std::string_view name = "reference/bias_add";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [..,K]  b: [K]
  template <typename T>
  static void run(const Operands<BiasAdd>& o) {
    const auto [rows, K] = o.rows(0);
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t k = 0; k < K; ++k)
        o.out<T>(0)[row * K + k] = o.in<T>(0)[row * K + k] + o.in<T>(1)[k];
  }
};

struct BiasGradKernel : FloatKernel {
  using Op = BiasGrad;
  static constexpr std::string_view name = "reference/bias_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dy: [..,K]  db: [K]
  template <typename T>
  static void run(const Operands<BiasGrad>& o) {
    const auto [rows, K] = o.rows(0);
    for (std::int64_t k = 0; k < K; ++k) {
      double sum = 0;
      for (std::int64_t row = 0; row < rows; ++row) sum += o.in<T>(0)[row * K + k];
      o.out<T>(0)[k] = static_cast<T>(sum);
    }
  }
};

}  // namespace

KernelEntry bias_add() { return entry_of<BiasAddKernel>(); }
KernelEntry bias_grad() { return entry_of<BiasGradKernel>(); }

}  // namespace evenkeel::reference
