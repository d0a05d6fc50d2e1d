// SPDX-License-Identifier: Apache-2.0
// What native kernels do to a result while it is in registers or L1: [bias_add], [relu], or
// [bias_add, relu].
#pragma once

#include <optional>
#include <variant>

#include "evenkeel/graph/ops/fused.h"

namespace evenkeel::native {

struct Epilogue {
  bool bias = false;
  bool relu = false;
};

// None where the fused op has another.
inline std::optional<Epilogue> epilogue_of(const Fused& op) {
  Epilogue result;
  for (const FusedEpilogue& step : op.epilogue) {
    if (result.relu || (result.bias && std::holds_alternative<BiasAdd>(step))) return std::nullopt;
    (std::holds_alternative<BiasAdd>(step) ? result.bias : result.relu) = true;
  }
  return result;
}

}  // namespace evenkeel::native
