// SPDX-License-Identifier: Apache-2.0
// What the layers that normalise each sample have in common.
#pragma once

#include <vector>

#include "evenkeel/model/scope.h"

namespace evenkeel::layers {

// x, and behind it gamma and beta [C]: of the layer, or ones and zeros in their place.
std::vector<Value> with_gamma_and_beta(Scope& scope, Value x, bool scale, bool center);

}  // namespace evenkeel::layers
