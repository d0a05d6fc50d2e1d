// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// How many of `most` threads a training step of the network is worth, at least 1: one more for each
// 120 MFLOP. Below that, what two cores must tell each other costs more than the second saves.
int worthwhile_threads(const Graph& network, std::int64_t batch, int most);

}  // namespace evenkeel
