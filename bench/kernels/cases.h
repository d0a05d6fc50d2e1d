// SPDX-License-Identifier: Apache-2.0
// The calls of a network's training step, each once.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/model/model.h"

namespace evenkeel::bench {

// One node that reads nothing but inputs.
struct Case {
  std::string network;
  Graph graph{"case"};
  NodeId node = 0;
};

struct Cases {
  std::vector<Case> kernels;       // of the graph that a plan is made from
  std::vector<Case> convolutions;  // and their gradients, as they were written
};

// What is in `cases` already is left out.
void add_cases(const std::string& network, const Model& model, std::int64_t batch, Cases& cases);

// "128x3136 3136x1024 -> 128x1024"; scalars are left out.
std::string shapes_of(const Case& of, std::int64_t batch);
double bytes_of(const Case& of, std::int64_t batch);

}  // namespace evenkeel::bench
