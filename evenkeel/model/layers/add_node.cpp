// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers/add_node.h"

#include <utility>

namespace evenkeel::layers {

Value add_node(Scope& scope, Op op, const std::vector<Value>& inputs, std::string_view suffix) {
  const GraphPrefix none(scope.graph(), "");
  return scope.graph().add(std::move(op), inputs, scope.node_name(suffix));
}

}  // namespace evenkeel::layers
