// SPDX-License-Identifier: Apache-2.0
// Any axes of a value as channels: moved behind all others and made one.
#pragma once

#include <cstdint>
#include <vector>

#include "evenkeel/model/scope.h"

namespace evenkeel::layers {

class ChannelsLast {
 public:
  // InvalidArgument naming the scope's layer where `axes` of x [N,..] are none, the batch's, not
  // there or named twice.
  ChannelsLast(Scope& scope, Value x, const std::vector<std::int64_t>& axes);
  // x [N,..] with its other axes first, and one last axis for all of `axes`.
  Value arrange(Scope& scope, Value x) const;
  // The way back.
  Value restore(Scope& scope, Value y) const;

 private:
  std::vector<std::int64_t> order_;  // of x's axes
  Shape apart_;                      // x's shape in this order
  Shape together_;                   // the same with one axis for all that are kept
};

}  // namespace evenkeel::layers
