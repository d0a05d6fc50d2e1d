// SPDX-License-Identifier: Apache-2.0
// A layer: a function from values to a value that has a name and weights of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "evenkeel/model/scope.h"

namespace evenkeel {

// Copies are the same layer: calling it again, or a copy of it, shares its weights.
class EVENKEEL_API Layer {
 public:
  using Function = std::function<Value(Scope&, const std::vector<Value>&)>;

  // `kind` gives the default name, "conv" -> "conv1"; a name given must be free and without '/'.
  // inputs: how many values a call takes; 0 is one or more. The function names the nodes it adds
  // (Scope::node_name).
  Layer(std::string kind, std::string name, Function function, std::size_t inputs = 1);
  // Any function of the scope and one value, as a layer "layer1", "layer2", ...
  explicit Layer(std::function<Value(Scope&, Value)> function, std::string name = {});
  // And of several values.
  Layer(Function function, std::size_t inputs, std::string name = {});

  // InvalidArgument names the layer where the values do not fit, and says what would.
  template <typename... Values>
  Value operator()(Scope& scope, Values... values) const {
    return call(scope, {values...});
  }
  Value call(Scope& scope, const std::vector<Value>& values) const;

 private:
  friend class Scope;
  struct Definition;
  struct Call;
  std::shared_ptr<const Definition> definition_;
};

}  // namespace evenkeel
