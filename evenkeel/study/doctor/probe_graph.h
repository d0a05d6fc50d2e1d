// SPDX-License-Identifier: Apache-2.0
// The graphs that a measurement runs.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::doctor {

struct ProbedNorm {
  std::string layer;
  std::string activation;  // the layer of the one right before it (poolings between do not count)
};

// step: a whole training step with batch statistics, with outputs besides its own: "y/<norm>";
// "count/", "mean/" and "m2/" of "<norm>" (its input), of "<norm>/before_activation" and of
// "<relu>" (its output); "gradient/<kernel>". moving: an evaluation with moving statistics and
// "y/<norm>".
struct ProbeGraph {
  Graph step;
  Graph moving;
  std::vector<ProbedNorm> norms;     // in the network's order
  std::vector<std::string> relus;    // nodes
  std::vector<std::string> kernels;  // states of Role::parameter
};

// Of a network without dropout.
ProbeGraph probe_graph(const Graph& network, Loss loss, const Optimizer& optimizer, Labels labels);

}  // namespace evenkeel::doctor
