// SPDX-License-Identifier: Apache-2.0
// What stands before and behind a batch norm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evenkeel/graph/graph.h"

namespace evenkeel::doctor {

// True where a ReLU reads the layer's output.
bool relu_follows(const Graph& network, const std::string& layer);

// The samples of a group of ghost batch norm; 0 where the layer takes the whole batch.
std::int64_t group_of(const Graph& network, const std::string& layer);
// `images`, or fewer, so that the groups of all layers come out even; one group at least.
std::int64_t whole_groups(const Graph& network, std::int64_t images);

// How many values a channel of the layer has in a batch: N H W.
std::int64_t values_per_channel(const Graph& network, const std::string& layer, std::int64_t batch);

// The state of the bias that reaches the layer unchanged in effect (poolings and reshapes between
// do not count), and nothing else.
std::optional<NodeId> bias_before(const Graph& network, const std::string& layer);

struct DropoutBefore {
  std::string layer;
  double rate = 0;
  std::int64_t weights_between = 0;  // convolutions and dense layers
};
// The nearest dropout on a way to the layer that no other batch norm lies on.
std::optional<DropoutBefore> dropout_before(const Graph& network, const std::string& layer);

}  // namespace evenkeel::doctor
