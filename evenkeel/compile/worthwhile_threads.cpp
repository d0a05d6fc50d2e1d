// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/worthwhile_threads.h"

#include <algorithm>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/kernels/flops.h"

namespace evenkeel {
namespace {

// Measured on two cores by `./run bench small-steps`: 27 MFLOP a step do 2,110 steps/s on one
// thread and 1,300 on two, 56 do 1,050 and 790, 150 do 500 and 510, 270 do 275 and 355.
constexpr double kFlopsPerThread = 120e6;
// A step is the forward pass, and its gradients by data and by weights.
constexpr double kPasses = 3;

}  // namespace

int worthwhile_threads(const Graph& network, std::int64_t batch, int most) {
  double flops = 0;
  for (NodeId id = 0; id < network.nodes().size(); ++id)
    flops += kPasses * flops_of(call_of(network, id, batch, 1));
  const double worth = 1 + flops / kFlopsPerThread;
  return worth < most ? static_cast<int>(worth) : most;
}

}  // namespace evenkeel
