// SPDX-License-Identifier: Apache-2.0
// Layers that training leaves as they are.
#pragma once

#include <string_view>

#include "evenkeel/base/export.h"
#include "evenkeel/model/model.h"

namespace evenkeel {

// The network with the layers of these names frozen: not a byte of their weights changes, whatever
// the optimiser; they get no gradient and no slots, and nothing is computed backward that only they
// and frozen ones before them would need. A batch norm normalises in training too with its moving
// statistics, of which not a byte changes either. It is part of the network, and of its
// checkpoints; one of the network before can be restored into it, and the other way round.
// `pattern`: '*' for any characters ("conv*"), '?' for one; within blocks "block1/conv*", and
// "block1" for all of one. InvalidArgument where it matches no layer (with the nearest names), or
// only such as have nothing to train.
EVENKEEL_API Model freeze(const Model& model, std::string_view pattern);
EVENKEEL_API Model unfreeze(const Model& model, std::string_view pattern);

// The same with nothing frozen.
Graph without_freezing(const Graph& graph);

}  // namespace evenkeel
