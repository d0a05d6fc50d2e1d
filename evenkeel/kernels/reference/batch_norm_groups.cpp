// SPDX-License-Identifier: Apache-2.0
// Groups of samples that share statistics.
#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/moments.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

template <typename Op>
Moments moments_at(const Operands<Op>& o, std::int64_t i) {
  return {o.template in<double>(0)[i], o.template in<double>(1)[i], o.template in<double>(2)[i]};
}
template <typename Op>
void store(const Moments& moments, const Operands<Op>& o, std::int64_t i) {
  o.template out<double>(0)[i] = moments.count;
  o.template out<double>(1)[i] = moments.mean;
  o.template out<double>(2)[i] = moments.M2;
}

struct GroupMomentsKernel : FloatKernel {
  using Op = GroupMoments;
  static constexpr std::string_view name = "reference/group_moments";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.inputs[1].dtype; }

  // count, mean, M2: [N,C] -> [N,C]
  template <typename T>
  static void run(const Operands<GroupMoments>& o) {
    const auto [N, C] = o.rows(0);
    const Groups groups(N, o.op.size, o.op.grouping);
    for (std::int64_t g = 0; g < groups.count; ++g)
      for (std::int64_t c = 0; c < C; ++c) {
        Moments all;
        const std::int64_t first = groups.first(g) * C + c;
        const std::int64_t step = groups.step * C;
        for (std::int64_t k = 0; k < groups.size; ++k)
          all = merge(all, moments_at(o, first + k * step));
        for (std::int64_t k = 0; k < groups.size; ++k) store(all, o, first + k * step);
      }
  }
};

struct GroupSumsKernel : FloatKernel {
  using Op = GroupSums;
  static constexpr std::string_view name = "reference/group_sums";
  static constexpr auto in_place = kNeverInPlace;

  // [N,C] -> [N,C]
  template <typename T>
  static void run(const Operands<GroupSums>& o) {
    const auto [N, C] = o.rows(0);
    const Groups groups(N, o.op.size, o.op.grouping);
    for (std::int64_t g = 0; g < groups.count; ++g)
      for (std::int64_t c = 0; c < C; ++c) {
        double sum = 0;
        const std::int64_t first = groups.first(g) * C + c;
        const std::int64_t step = groups.step * C;
        for (std::int64_t k = 0; k < groups.size; ++k) sum += o.in<T>(0)[first + k * step];
        for (std::int64_t k = 0; k < groups.size; ++k)
          o.out<T>(0)[first + k * step] = static_cast<T>(sum);
      }
  }
};

struct MeanMomentsKernel : FloatKernel {
  using Op = MeanMoments;
  static constexpr std::string_view name = "reference/mean_moments";
  static constexpr auto in_place = kNeverInPlace;
  static DType dtype(const Call& call) { return call.inputs[1].dtype; }

  // count, mean, M2: [N,C] -> [C]
  template <typename T>
  static void run(const Operands<MeanMoments>& o) {
    const auto [N, C] = o.rows(0);
    const auto all = static_cast<double>(N);
    for (std::int64_t c = 0; c < C; ++c) {
      Moments sum;
      for (std::int64_t i = c; i < N * C; i += C) {
        const Moments each = moments_at(o, i);
        sum = {sum.count + each.count, sum.mean + each.mean, sum.M2 + each.M2};
      }
      store({sum.count / all, sum.mean / all, sum.M2 / all}, o, c);
    }
  }
};

}  // namespace

KernelEntry group_moments() { return entry_of<GroupMomentsKernel>(); }
KernelEntry group_sums() { return entry_of<GroupSumsKernel>(); }
KernelEntry mean_moments() { return entry_of<MeanMomentsKernel>(); }

}  // namespace evenkeel::reference
