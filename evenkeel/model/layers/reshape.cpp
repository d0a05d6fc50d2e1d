// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

Layer flatten(std::string name) {
  return Layer("flatten", std::move(name), [](Scope& scope, const std::vector<Value>& x) {
    return add_node(scope, Reshape{Shape{kBatch, scope.shape(x[0]).elements_per_sample()}}, x);
  });
}

Layer reshape(std::vector<std::int64_t> each_sample, std::string name) {
  return Layer("reshape", std::move(name), [=](Scope& scope, const std::vector<Value>& x) {
    std::vector<std::int64_t> dims = {kBatch};
    dims.insert(dims.end(), each_sample.begin(), each_sample.end());
    const Shape from = scope.shape(x[0]);
    const Shape to(dims);
    scope.require(valid_extents(to) && to.elements_per_sample() == from.elements_per_sample(),
                  "expected a shape of " + std::to_string(from.elements_per_sample()) +
                      " elements a sample, as " + to_string(from) + " has, got " + to_string(to));
    return add_node(scope, Reshape{to}, x);
  });
}

}  // namespace evenkeel::layers
