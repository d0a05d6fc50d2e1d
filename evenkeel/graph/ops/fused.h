// SPDX-License-Identifier: Apache-2.0
// A core op with what is done to its result while it is still in registers or cache.
#pragma once

#include <variant>
#include <vector>

#include "evenkeel/graph/ops/bias_add.h"
#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/ops/matmul.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/ops/relu.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

using FusedCore = std::variant<Conv2d, MatMul, MaxPool2d>;
using FusedEpilogue = std::variant<BiasAdd, Relu, MaxPool2d>;

// How many inputs a core takes: x and the kernel, a and b, or x.
inline std::size_t input_count(const FusedCore& core) {
  return std::holds_alternative<MaxPool2d>(core) ? 1 : 2;
}

// Inputs: the core's, then those that the epilogue's ops take besides their first, in order.
// Outputs: the core's, the epilogue's ops done to the first; max_pool2d, which may only be the
// last, adds its argmax. Its meaning is its expansion into these ops; a test holds both against
// each other.
struct Fused {
  static constexpr std::string_view name = "fused";
  FusedCore core;
  std::vector<FusedEpilogue> epilogue;
  static constexpr auto fields =
      std::tuple{field("core", &Fused::core), field("epilogue", &Fused::epilogue)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Fused&, const Fused&) = default;
};

}  // namespace evenkeel
