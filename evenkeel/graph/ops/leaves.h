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

// A named tensor that outlives the step. The node is its value at the step's start; the node's name
// is the tensor's.
struct State {
  static constexpr std::string_view name = "state";
  ValueType type;
  Role role = Role::parameter;
  Initializer initializer = Initializer::zeros;
  double value = 0;  // of Initializer::constant and truncated_normal
  // Of a trained one: its penalty l1 sum |p| + l2 sum p^2, of which training adds the gradient, and
  // the bounds of its value (graph/ops/parameter_rules.h).
  double l1 = 0;
  double l2 = 0;
  Bound bound = Bound::none;
  double low = 0;
  double high = 0;
  double rate = 1;
  bool frozen = false;  // true: training leaves it as it is
  static constexpr auto fields = std::tuple{field("type", &State::type),
                                            field("role", &State::role),
                                            field("initializer", &State::initializer),
                                            field("value", &State::value),
                                            rare_field("l1", &State::l1),
                                            rare_field("l2", &State::l2),
                                            rare_field("bound", &State::bound),
                                            rare_field("low", &State::low),
                                            rare_field("high", &State::high),
                                            rare_field("rate", &State::rate),
                                            rare_field("frozen", &State::frozen)};
  bool penalised() const { return l1 != 0 || l2 != 0; }
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
