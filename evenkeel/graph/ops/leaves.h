// SPDX-License-Identifier: Apache-2.0
// Nodes without inputs: what a step is fed with, what it remembers, and constants.
#pragma once

#include <array>

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// A value given anew for each run: images, labels, learning rate, step.
struct Input {
  static constexpr std::string_view name = "input";
  ValueType type;
  static constexpr auto fields = std::tuple{field("type", &Input::type)};
  Types infer(const ShapeScope&) const { return {type}; }
  friend bool operator==(const Input&, const Input&) = default;
};

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

// A named tensor that outlives the step. The node is its value at the step's start; the node's name
// is the tensor's.
struct State {
  static constexpr std::string_view name = "state";
  ValueType type;
  Role role = Role::parameter;
  Initializer initializer = Initializer::zeros;
  double value = 0;  // of Initializer::constant and truncated_normal
  static constexpr auto fields =
      std::tuple{field("type", &State::type), field("role", &State::role),
                 field("initializer", &State::initializer), field("value", &State::value)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const State&, const State&) = default;
};

// A tensor with one value everywhere.
struct Constant {
  static constexpr std::string_view name = "constant";
  ValueType type;
  double value = 0;
  static constexpr auto fields =
      std::tuple{field("type", &Constant::type), field("value", &Constant::value)};
  Types infer(const ShapeScope&) const { return {type}; }
  friend bool operator==(const Constant&, const Constant&) = default;
};

}  // namespace evenkeel
