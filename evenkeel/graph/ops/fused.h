// SPDX-License-Identifier: Apache-2.0
// A core op with what is done to its result while it is still in registers or cache.
#pragma once

#include <variant>
#include <vector>

#include "evenkeel/graph/ops/adam.h"
#include "evenkeel/graph/ops/batch_norm.h"
#include "evenkeel/graph/ops/bias_add.h"
#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/ops/elementwise.h"
#include "evenkeel/graph/ops/fft2d.h"
#include "evenkeel/graph/ops/matmul.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/ops/relu.h"
#include "evenkeel/graph/ops/winograd_conv2d.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

using FusedPrologue = std::variant<BatchNormApply, Relu>;
using FusedCore = std::variant<Conv2d, MatMul, MaxPool2d, InverseFft2d, Add, BatchNormApply,
                               WinogradConv2d, WinogradConv2dGradKernel>;
using FusedEpilogue = std::variant<BiasAdd, Relu, MaxPool2d, AdamUpdate, Add, ReluGrad,
                                   ChannelMoments, BatchNormGradSums>;

// How many inputs such an op takes: x; x, three moments, gamma and beta; or two factors.
inline std::size_t input_count(const FusedPrologue& op) {
  return std::holds_alternative<Relu>(op) ? 1 : 6;
}
inline std::size_t input_count(const FusedCore& core) {
  if (std::holds_alternative<BatchNormApply>(core)) return 6;
  return std::holds_alternative<MaxPool2d>(core) || std::holds_alternative<InverseFft2d>(core) ? 1
                                                                                               : 2;
}

// Inputs: the prologue's, the core's and the epilogue's, in order, but that each op behind the
// first takes the value made until then as its first input. Outputs: the core's, the epilogue's ops
// done to the first; max_pool2d, channel_moments or batch_norm_grad_sums, of which one may stand as
// the last, adds its own (max_pool2d but its argmax). Its meaning is its expansion into these ops;
// a test holds both against each other. Behind a matmul adam may stand alone, with the product as
// its gradient: inputs (a, b, p, m, v, lr, step), outputs adam's, but nonfinite i32[B] by blocks of
// kUpdateRows rows.
struct Fused {
  static constexpr std::string_view name = "fused";
  static constexpr std::int64_t kUpdateRows = 24;
  FusedCore core;
  std::vector<FusedEpilogue> epilogue;
  std::vector<FusedPrologue> prologue = {};
  static constexpr auto fields =
      std::tuple{field("core", &Fused::core), field("epilogue", &Fused::epilogue),
                 rare_field("prologue", &Fused::prologue)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Fused&, const Fused&) = default;
};

// How many inputs an epilogue's op takes besides the value made until then.
EVENKEEL_API std::size_t further_inputs(const FusedEpilogue& step);

// The adam of such a product, or null.
inline const AdamUpdate* update_of(const Fused& op) {
  return op.epilogue.empty() ? nullptr : std::get_if<AdamUpdate>(&op.epilogue.back());
}

}  // namespace evenkeel
