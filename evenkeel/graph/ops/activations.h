// SPDX-License-Identifier: Apache-2.0
// Activation functions beside ReLU, element by element. Each gradient reads the output y, so that
// the input need not be kept.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// y = x > 0 ? x : slope x, with slope >= 0 (Maas et al. 2013).
struct LeakyRelu {
  static constexpr std::string_view name = "leaky_relu";
  double slope = 0.01;
  static constexpr auto fields = std::tuple{field("slope", &LeakyRelu::slope)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const LeakyRelu&, const LeakyRelu&) = default;
};

// dx = y > 0 ? dy : slope dy. Inputs (dy, y).
struct LeakyReluGrad {
  static constexpr std::string_view name = "leaky_relu_grad";
  double slope = 0.01;
  static constexpr auto fields = std::tuple{field("slope", &LeakyReluGrad::slope)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const LeakyReluGrad&, const LeakyReluGrad&) = default;
};

// y = min(max(x, 0), 6); NaN stays NaN.
struct Relu6 : NoFields<Relu6> {
  static constexpr std::string_view name = "relu6";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Relu6&, const Relu6&) = default;
};

// dx = 0 < y < 6 ? dy : 0. Inputs (dy, y).
struct Relu6Grad : NoFields<Relu6Grad> {
  static constexpr std::string_view name = "relu6_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Relu6Grad&, const Relu6Grad&) = default;
};

// y = 1 / (1 + exp(-x)).
struct Sigmoid : NoFields<Sigmoid> {
  static constexpr std::string_view name = "sigmoid";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Sigmoid&, const Sigmoid&) = default;
};

// dx = dy y (1 - y). Inputs (dy, y).
struct SigmoidGrad : NoFields<SigmoidGrad> {
  static constexpr std::string_view name = "sigmoid_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SigmoidGrad&, const SigmoidGrad&) = default;
};

// y = tanh(x).
struct Tanh : NoFields<Tanh> {
  static constexpr std::string_view name = "tanh";
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const Tanh&, const Tanh&) = default;
};

// dx = dy (1 - y^2). Inputs (dy, y).
struct TanhGrad : NoFields<TanhGrad> {
  static constexpr std::string_view name = "tanh_grad";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const TanhGrad&, const TanhGrad&) = default;
};

}  // namespace evenkeel
