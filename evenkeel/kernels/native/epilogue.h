// SPDX-License-Identifier: Apache-2.0
// What native kernels do to a result while it is in registers or L1: [bias_add], [relu], or
// [bias_add, relu].
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "evenkeel/graph/ops/fused.h"

namespace evenkeel::native {

struct Epilogue {
  bool bias = false;
  bool relu = false;
};

// None where the ops are others.
inline std::optional<Epilogue> epilogue_of(std::span<const FusedEpilogue> steps) {
  Epilogue result;
  for (const FusedEpilogue& step : steps) {
    const bool bias = std::holds_alternative<BiasAdd>(step);
    if (result.relu || (result.bias && bias)) return std::nullopt;
    if (!bias && !std::holds_alternative<Relu>(step)) return std::nullopt;
    (bias ? result.bias : result.relu) = true;
  }
  return result;
}
// Nor where anything stands before the core.
inline std::optional<Epilogue> epilogue_of(const Fused& op) {
  if (!op.prologue.empty()) return std::nullopt;
  return epilogue_of(std::span<const FusedEpilogue>(op.epilogue));
}

}  // namespace evenkeel::native
