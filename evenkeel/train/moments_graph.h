// SPDX-License-Identifier: Apache-2.0
// The graph that recalibration runs.
#pragma once

#include <cstdint>
#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// The forward pass of training as far as the last batch norm: outputs "count/", "mean/" and
// "m2/<layer>" of every batch norm's input, weighed where the layer weighs samples.
struct MomentsGraph {
  Graph graph;
  std::vector<NodeId> norms;  // nodes of the network
  bool one_place = false;     // some batch norm has one value per channel and image
  std::int64_t group = 1;     // a batch is a multiple of it: ghost batch norms take whole groups
};
MomentsGraph moments_graph(const Graph& network);

// Whether training `network` updates moving statistics: it has a batch norm that is not frozen.
bool has_moving_statistics(const Graph& network);

// InvalidArgument where training `network` updates no moving statistics: it has no batch norm, or
// none that is not frozen.
void require_moving_statistics(const Graph& network);

}  // namespace evenkeel
