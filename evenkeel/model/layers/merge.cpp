// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"

namespace evenkeel::layers {

Layer add(std::string name) {
  const auto sum = [](Scope& scope, const std::vector<Value>& values) {
    scope.require(values.size() >= 2, "expected two or more values, got one");
    Value result = values[0];
    for (std::size_t i = 1; i < values.size(); ++i) {
      const Shape& a = scope.shape(values[0]);
      const Shape& b = scope.shape(values[i]);
      scope.require(a == b, "expected values of one shape, got " + to_string(a) + " and " +
                                to_string(b) + "; a 1x1 convolution or subsample() makes them fit");
      result = add_node(scope, Add{}, {result, values[i]}, i + 1 == values.size() ? "" : "partial");
    }
    return result;
  };
  return Layer("add", std::move(name), sum, 0);
}

Layer concat(std::string name) {
  const auto join = [](Scope& scope, const std::vector<Value>& values) {
    for (const Value value : values) {
      Shape a = scope.shape(values[0]);
      Shape b = scope.shape(value);
      const bool ranks = a.rank() == b.rank() && a.rank() >= 2;
      const std::string came = to_string(a) + " and " + to_string(b);
      if (ranks) a[a.rank() - 1] = b[b.rank() - 1] = 1;
      scope.require(ranks && a == b, "expected values that differ in their channels alone, got " +
                                         came + "; pooling or a stride makes sizes equal");
    }
    return add_node(scope, Concat{-1}, values);
  };
  return Layer("concat", std::move(name), join, 0);
}

}  // namespace evenkeel::layers
