// SPDX-License-Identifier: Apache-2.0
// A layer's BatchKind as the op's attribute.
#pragma once

#include "evenkeel/graph/ops/batch_rule.h"
#include "evenkeel/model/options.h"

namespace evenkeel::layers {

BatchRule rule_of(const BatchKind& kind);

}  // namespace evenkeel::layers
