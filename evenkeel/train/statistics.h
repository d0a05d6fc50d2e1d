// SPDX-License-Identifier: Apache-2.0
// What the moving statistics of batch norm may be.
#pragma once

#include <map>
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

// What a step cannot do: UntrainedStatistics for a frozen batch norm that was never updated,
// InvalidArgument for a mean over all updates where nobody counted those before.
void require_usable_statistics(const Graph& network, const StateStore& state);

// The counts of updates ("state/<layer>/updates_seen") that `tensors` lacks, as kSettledUpdates:
// statistics of a file that does not count them are settled.
void add_settled_counts(const Graph& network, std::map<std::string, Tensor>& tensors);

}  // namespace evenkeel
