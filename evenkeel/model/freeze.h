// SPDX-License-Identifier: Apache-2.0
// Layers that training leaves as they are.
#pragma once

#include <string_view>

#include "evenkeel/base/export.h"
#include "evenkeel/model/model.h"

namespace evenkeel {

// The network with the batch norms of these names frozen: in training too they normalise with the
// moving statistics, and not a byte of gamma, beta, statistics or their count changes, whatever the
// optimiser. It is part of the network, and of its checkpoints; one of the network before can be
// restored into it, and the other way round. `pattern`: '*' for any characters ("bn*"), '?' for
// one. InvalidArgument where it matches nothing (with the nearest names) or a layer of another
// kind.
EVENKEEL_API Model freeze(const Model& model, std::string_view pattern);
EVENKEEL_API Model unfreeze(const Model& model, std::string_view pattern);

// The same with nothing frozen.
Graph without_freezing(const Graph& graph);

}  // namespace evenkeel
