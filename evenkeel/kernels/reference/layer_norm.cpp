// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/reference/sample_norm.h"

namespace evenkeel::reference {
namespace {

struct LayerNormKernel : FloatKernel {
  using Op = LayerNorm;
  static constexpr std::string_view name = "reference/layer_norm";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [N,..,C]  gamma, beta: [C]
  template <typename T>
  static void run(const Operands<LayerNorm>& o) {
    const auto [rows, C] = o.rows(0);
    for (std::int64_t at = 0; at < rows * C; at += C)
      normalise({1, C, C}, o.in<T>(0) + at, o.in<T>(1), o.in<T>(2), o.op.epsilon, o.out<T>(0) + at);
  }
};

struct LayerNormGradKernel : FloatKernel {
  using Op = LayerNormGrad;
  static constexpr std::string_view name = "reference/layer_norm_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // dy, x, dx: [N,..,C]  gamma: [C]  dbeta, dgamma: [N,C]
  template <typename T>
  static void run(const Operands<LayerNormGrad>& o) {
    const auto [rows, C] = o.rows(0);
    const std::int64_t rows_each = rows / o.in_shape(0)[0];
    for (const std::size_t sums : {1U, 2U})
      std::fill_n(o.out<T>(sums), o.out_shape(sums).elements(), T{0});
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t at = row * C;
      const std::int64_t sample = row / rows_each * C;
      normalise_gradient({1, C, C}, o.in<T>(0) + at, o.in<T>(1) + at, o.in<T>(2), o.op.epsilon,
                         o.out<T>(0) + at, o.out<T>(1) + sample, o.out<T>(2) + sample);
    }
  }
};

}  // namespace

KernelEntry layer_norm() { return entry_of<LayerNormKernel>(); }
KernelEntry layer_norm_grad() { return entry_of<LayerNormGradKernel>(); }

}  // namespace evenkeel::reference
