// SPDX-License-Identifier: Apache-2.0
// A graph as text that a person can read and parse() reads back to an equal graph:
//   graph mnist-cnn
//   @conv1/kernel = state {type f32[5,5,1,32], role parameter, ...} : f32[5,5,1,32]
//   %conv1 = conv2d %scale, @conv1/kernel {stride [1,1], padding [2,2,2,2]} : f32[N,28,28,32]
//   %pool1, %pool1.1 = max_pool2d %conv1/relu {...} : f32[N,14,14,32], u8[N,14,14,32]
//   update @bn1/moving_mean <- %bn1/update_moving
//   guard %loss
//   check %adam.3
//   output loss = %loss
#pragma once

#include <string>
#include <string_view>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

EVENKEEL_API std::string to_text(const Graph& graph);
// Throws DataError with the line's number and what was expected there.
EVENKEEL_API Graph parse_graph(std::string_view text);
// The attributes in braces, "{stride [1,1], padding [2,2,2,2]}"; "" for an op without any.
EVENKEEL_API std::string attributes_text(const Op& op);

}  // namespace evenkeel
