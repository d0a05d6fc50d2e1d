// SPDX-License-Identifier: Apache-2.0
// Where a network's gradient jumps: on which side of its kink a ReLU is, and which element of a
// window max-pooling takes. Behind a decision that two runs make differently no gradients need
// agree, so decisions are compared first, and a near tie is followed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/reference/interpreter.h"

namespace evenkeel::test {

// A ReLU; or a max-pool with the ReLU that it alone reads, of which a gradient sees one decision:
// the element that it reaches in each window, or none where ReLU cuts it off.
struct Decider {
  std::string name;  // "decision/<the ReLU or the max-pool>"
  NodeId node = 0;
  std::optional<MaxPool2d> pool = {};
};
// Of a network with batch statistics. InvalidArgument for a max-pool without such a ReLU, or with
// windows that overlap or are padded.
std::vector<Decider> deciders_of(const Graph& network);

// Adds to a step that begins with `network` an output for each decider: 0 but where a gradient goes
// through.
void output_decisions(Graph& step, const std::vector<Decider>& deciders);

// The network with its decisions made already: x times an input of 0 and 1, the decider's name, in
// the place of ReLU, and the only one of a window's elements that is left in that of its maximum.
struct DecidedNetwork {
  Graph graph;
  std::map<std::string, Value> decided_on;  // by decider: the x that it would look at
};
DecidedNetwork with_decisions_given(const Graph& network);

// A difference is a near tie where what was taken is less than the largest by at most this, in
// units of the root mean square of all that the decider looks at.
inline constexpr double kNearTie = 1e-4;

struct DecisionReport {
  std::int64_t decisions = 0;
  std::int64_t near_ties = 0;
  double widest = 0;                // of the near ties, in the unit of kNearTie
  std::int64_t faults = 0;          // differences that are no near ties
  std::vector<std::string> places;  // of the first faults: decider, position and values
  void add(const DecisionReport& other);
};

// How `taken`, not 0 where a gradient goes through, stands to what x says; of one shape.
DecisionReport compare_decisions(const Decider& decider, const Tensor& taken, const Tensor& x);
// The same of all deciders, by their names.
DecisionReport compare_decisions(const std::vector<Decider>& deciders, const NamedTensors& taken,
                                 const NamedTensors& decided_on);

}  // namespace evenkeel::test
