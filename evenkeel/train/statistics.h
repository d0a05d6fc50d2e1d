// SPDX-License-Identifier: Apache-2.0
// What the moving statistics of batch norm may be.
#pragma once

#include <string>

#include "evenkeel/base/tensor.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/runtime/state_store.h"

namespace evenkeel {

// Why `tensor` cannot be the state `name` of `network`: a moving variance or updates_seen below 0,
// a moving mean or variance that is not finite. Empty where there is nothing to say.
std::string statistic_fault(const Graph& network, const std::string& name, const Tensor& tensor);

// Throws UntrainedStatistics, naming the layer, where a batch norm of `network` was never updated.
void require_trained_statistics(const Graph& network, const StateStore& state);

}  // namespace evenkeel
