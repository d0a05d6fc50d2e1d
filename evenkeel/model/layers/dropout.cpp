// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

Layer dropout(double rate, std::string name) {
  return Layer("dropout", std::move(name), [=](Scope& scope, const std::vector<Value>& x) {
    scope.require(rate >= 0 && rate < 1,
                  "expected a rate of at least 0 and below 1 (the fraction "
                  "that is dropped), got " +
                      std::to_string(rate));
    return add_node(scope, Dropout{rate}, x);
  });
}

}  // namespace evenkeel::layers
