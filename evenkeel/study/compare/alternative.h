// SPDX-License-Identifier: Apache-2.0
// What is put beside what: a normalisation at a place, in words and as a change of the network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel::compare {

enum class NormKind {
  none,
  batch,
  ghost,  // batch norm over ghost batches of `number` images (Hoffer et al. 2017)
  layer,
  group,               // group norm of `number` groups
  never_updated,       // gamma x / sqrt(1 + epsilon) + beta: what TensorFlow 1's batch norm does
                       // where its update operations never run
  divide_by_variance,  // gamma (x - mean) / (variance + epsilon) + beta: what some texts say
};

struct Norm {
  NormKind kind = NormKind::batch;
  std::int64_t number = 0;  // of ghost and group
  friend bool operator==(const Norm&, const Norm&) = default;
};

// as_written: where the network has its batch norms. before: between each hidden convolution or
// dense layer and its activation. after: behind that activation and its pooling.
enum class Place { as_written, before, after };

// "none", "batch", "ghost:32", "layer", "group:8", "never-updated", "divide-by-variance".
// InvalidArgument naming `where`, with the nearest, for anything else.
Norm parse_norm(const std::string& where, std::string_view text);
std::string to_string(const Norm& norm);
// "as-written", "before", "after".
Place parse_place(const std::string& where, std::string_view text);
std::string_view to_string(Place place);

// True where the norm takes its statistics from a batch, and moving ones stand in for prediction.
bool has_moving_statistics(NormKind kind);

// The mode-less network with that norm at that place, in place of all that it has: of the same
// weights, by the same names. Layers of the new norms are named norm1, norm2, …, or as those that
// they replace. epsilon: of all norms; else batch norms keep the network's, others their default.
// A bias right before a norm that takes each channel's mean away goes; a layer that had a batch
// norm for its bias gets one where that goes. InvalidArgument for as_written where the network has
// no norm.
Graph with_norm(const Graph& network, const Norm& norm, Place place,
                std::optional<double> epsilon = std::nullopt);

// The same network with all kernels drawn from a normal distribution of that deviation, cut off at
// two of them.
Graph with_initial_deviation(const Graph& network, double deviation);

}  // namespace evenkeel::compare
