// SPDX-License-Identifier: Apache-2.0
// The types of attributes that are no numbers: what ops, layers' options and optimisers' settings
// have in common.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace evenkeel {

// An enum attribute is printed by name: specialise with `static constexpr std::array names`.
template <typename Enum>
struct EnumNames;

using Pair = std::array<std::int64_t, 2>;      // height, width
using Padding4 = std::array<std::int64_t, 4>;  // top, bottom, left, right

// What a state tensor is for; decides what trains, decays and counts it. parameter: a kernel or any
// other weight; gamma, beta and bias are trained too, and excluded from weight decay by default.
enum class Role { parameter, statistic, slot, gamma, beta, bias };
template <>
struct EnumNames<Role> {
  static constexpr std::array<std::string_view, 6> names = {"parameter", "statistic", "slot",
                                                            "gamma",     "beta",      "bias"};
};
inline bool trained(Role role) { return role != Role::statistic && role != Role::slot; }

// zeros, ones, constant(value), and by the fans of [in,out] or [R,S,C,K] kernels (fan_in = R S C,
// fan_out = R S K):
//   glorot  variance 2 / (fan_in + fan_out)  (Glorot & Bengio 2010)
//   he      variance 2 / fan_in              (He et al. 2015)
//   lecun   variance 1 / fan_in              (LeCun et al. 1998)
// _uniform: U(-l, l) with l = sqrt(3 variance). _normal: a normal distribution of that variance,
// cut off at two of its standard deviations and widened to make up for it, as Keras does.
// truncated_normal: standard deviation `value` before it is cut off at two of them, as TensorFlow.
enum class Initializer {
  zeros,
  ones,
  constant,
  glorot_uniform,
  glorot_normal,
  he_uniform,
  he_normal,
  lecun_uniform,
  lecun_normal,
  truncated_normal
};
template <>
struct EnumNames<Initializer> {
  static constexpr std::array<std::string_view, 10> names = {
      "zeros",      "ones",      "constant",      "glorot_uniform", "glorot_normal",
      "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",   "truncated_normal"};
};
// True for those that depend on the fans of a kernel.
inline bool by_fans(Initializer initializer) {
  return initializer >= Initializer::glorot_uniform && initializer <= Initializer::lecun_normal;
}

// Which variance the moving statistics store: M2 / n, or the sample's M2 / (n - 1).
enum class MovingVariance { population, sample };
template <>
struct EnumNames<MovingVariance> {
  static constexpr std::array<std::string_view, 2> names = {"population", "sample"};
};

// What an update may not take a trained tensor beyond; graph/ops/parameter_rules.h has the
// formulas.
enum class Bound { none, non_negative, max_norm, unit_norm, min_max_norm };
template <>
struct EnumNames<Bound> {
  static constexpr std::array<std::string_view, 5> names = {"none", "non_negative", "max_norm",
                                                            "unit_norm", "min_max_norm"};
};

// Which samples share statistics in ghost batch norm: consecutive ones, or of G groups every G-th
// (TensorFlow's virtual_batch_size).
enum class Grouping { consecutive, interleaved };
template <>
struct EnumNames<Grouping> {
  static constexpr std::array<std::string_view, 2> names = {"consecutive", "interleaved"};
};

// What the moving statistics of ghost batch norm take in from a batch. merged: its own, as without
// groups. mean: the mean of the groups' means, and of their variances (TensorFlow). in_turn: those
// of each group, one update after another (Hoffer et al. 2017).
enum class GhostStatistics { merged, mean, in_turn };
template <>
struct EnumNames<GhostStatistics> {
  static constexpr std::array<std::string_view, 3> names = {"merged", "mean", "in_turn"};
};

// What batch renormalisation corrects by. variance: the moving statistics that inference reads.
// deviation: moving means of sqrt(variance + epsilon) beside them (the paper, TensorFlow, Keras).
enum class RenormMoves { variance, deviation };
template <>
struct EnumNames<RenormMoves> {
  static constexpr std::array<std::string_view, 2> names = {"variance", "deviation"};
};

// tensorflow (the end of the paper's section 2):
//   p - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
// pytorch:
//   p - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
enum class AdamForm { tensorflow, pytorch };
template <>
struct EnumNames<AdamForm> {
  static constexpr std::array<std::string_view, 2> names = {"tensorflow", "pytorch"};
};

}  // namespace evenkeel
