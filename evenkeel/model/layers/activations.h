// SPDX-License-Identifier: Apache-2.0
// What the option Activation stands for.
#pragma once

#include <optional>

#include "evenkeel/graph/op.h"
#include "evenkeel/model/layer.h"

namespace evenkeel::layers {

// Empty for Activation::none.
std::optional<Op> op_of(Activation activation);

// Adds the activation behind y as "<layer>/<activation>".
Value activate(Scope& scope, Value y, Activation activation);

// As a layer of its own, "relu1"; not of Activation::none.
Layer activation_layer(Activation activation);

}  // namespace evenkeel::layers
