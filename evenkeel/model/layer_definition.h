// SPDX-License-Identifier: Apache-2.0
// What is behind a Layer.
#pragma once

#include "evenkeel/model/layer.h"

namespace evenkeel {

struct Layer::Definition {
  std::string kind;
  std::string name;  // empty: by kind and number
  Function function;
  std::size_t inputs = 1;
  bool by_hand = false;  // a caller's function: the names of what it adds need the layer's
};

}  // namespace evenkeel
