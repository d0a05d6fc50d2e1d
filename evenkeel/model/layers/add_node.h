// SPDX-License-Identifier: Apache-2.0
// What a layer's file is written against: ops as nodes with the layer's name.
#pragma once

#include <string_view>
#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/model/scope.h"

namespace evenkeel::layers {

// A node named "<layer>/<suffix>", or "<layer>".
Value add_node(Scope& scope, Op op, const std::vector<Value>& inputs, std::string_view suffix = {});

}  // namespace evenkeel::layers
