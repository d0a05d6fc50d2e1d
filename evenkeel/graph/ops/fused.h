// SPDX-License-Identifier: Apache-2.0
// A core op with what is done to its result while it is still in registers or cache.
#pragma once

#include <variant>
#include <vector>

#include "evenkeel/graph/ops/adam.h"
#include "evenkeel/graph/ops/bias_add.h"
#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/ops/fft2d.h"
#include "evenkeel/graph/ops/matmul.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/ops/relu.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

using FusedCore = std::variant<Conv2d, MatMul, MaxPool2d, InverseFft2d>;
using FusedEpilogue = std::variant<BiasAdd, Relu, MaxPool2d, AdamUpdate>;

// How many inputs a core takes: x and the kernel, a and b, or x alone.
inline std::size_t input_count(const FusedCore& core) {
  return std::holds_alternative<MaxPool2d>(core) || std::holds_alternative<InverseFft2d>(core) ? 1
                                                                                               : 2;
}

// Inputs: the core's, then those that the epilogue's ops take besides their first, in order.
// Outputs: the core's, the epilogue's ops done to the first; max_pool2d, which may only be the
// last, adds its argmax. Its meaning is its expansion into these ops; a test holds both against
// each other.
// Behind a matmul adam may stand alone, with the product as its gradient: inputs (a, b, p, m, v,
// lr, step), outputs adam's, but nonfinite i32[B] by blocks of kUpdateRows rows.
struct Fused {
  static constexpr std::string_view name = "fused";
  static constexpr std::int64_t kUpdateRows = 24;
  FusedCore core;
  std::vector<FusedEpilogue> epilogue;
  static constexpr auto fields =
      std::tuple{field("core", &Fused::core), field("epilogue", &Fused::epilogue)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Fused&, const Fused&) = default;
};

// The adam of such a product, or null.
inline const AdamUpdate* update_of(const Fused& op) {
  return op.epilogue.empty() ? nullptr : std::get_if<AdamUpdate>(&op.epilogue.back());
}

}  // namespace evenkeel
