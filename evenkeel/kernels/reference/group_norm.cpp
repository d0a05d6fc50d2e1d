// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"
#include "evenkeel/kernels/reference/sample_norm.h"

namespace evenkeel::reference {
namespace {

// f(the group's shape, its first value, sample, first channel) of every group of x: [N,..,C].
template <typename F>
void each_group(const Shape& x, std::int64_t groups, F f) {
  const std::int64_t C = x.back();
  const std::int64_t size = x.elements_per_sample();
  for (std::int64_t n = 0; n < x[0]; ++n)
    for (std::int64_t c = 0; c < C; c += C / groups)
      f(NormGroup{size / C, C / groups, C}, n * size + c, n, c);
}

struct GroupNormKernel : FloatKernel {
  using Op = GroupNorm;
  static constexpr std::string_view name = "reference/group_norm";
  static constexpr std::array in_place = {InPlace{0, 0}};

  // x, y: [N,..,C]  gamma, beta: [C]
  template <typename T>
  static void run(const Operands<GroupNorm>& o) {
    each_group(o.in_shape(0), o.op.groups,
               [&](const NormGroup& group, std::int64_t at, std::int64_t, std::int64_t c) {
                 normalise(group, o.in<T>(0) + at, o.in<T>(1) + c, o.in<T>(2) + c, o.op.epsilon,
                           o.out<T>(0) + at);
               });
  }
};

struct GroupNormGradKernel : FloatKernel {
  using Op = GroupNormGrad;
  static constexpr std::string_view name = "reference/group_norm_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};

  // dy, x, dx: [N,..,C]  gamma: [C]  dbeta, dgamma: [N,C]
  template <typename T>
  static void run(const Operands<GroupNormGrad>& o) {
    const std::int64_t C = o.in_shape(2)[0];
    for (const std::size_t sums : {1U, 2U})
      std::fill_n(o.out<T>(sums), o.out_shape(sums).elements(), T{0});
    each_group(o.in_shape(1), o.op.groups,
               [&](const NormGroup& group, std::int64_t at, std::int64_t n, std::int64_t c) {
                 normalise_gradient(group, o.in<T>(0) + at, o.in<T>(1) + at, o.in<T>(2) + c,
                                    o.op.epsilon, o.out<T>(0) + at, o.out<T>(1) + n * C + c,
                                    o.out<T>(2) + n * C + c);
               });
  }
};

}  // namespace

KernelEntry group_norm() { return entry_of<GroupNormKernel>(); }
KernelEntry group_norm_grad() { return entry_of<GroupNormGradKernel>(); }

}  // namespace evenkeel::reference
