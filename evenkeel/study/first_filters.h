// SPDX-License-Identifier: Apache-2.0
// The kernels of a network's first convolution as pictures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/base/tensor.h"
#include "evenkeel/formats/image.h"
#include "evenkeel/model/model.h"

namespace evenkeel {

struct FirstFilters {
  std::string layer;   // "conv1"
  std::string tensor;  // "conv1/kernel"
  Shape shape;         // [R,S,C,K]
  double largest = 0;  // |weight| of all filters
  // One a filter, [R,S] in grey or, with C = 3, in colour: 0 lies in the middle, `largest` is 255
  // and its negative 1. Where C is another number, the mean over C.
  std::vector<Image> pictures;
};

// Empty for a network that has no convolution whose kernel is a state of its own. NaN is shown as
// 0.
EVENKEEL_API std::optional<FirstFilters> first_filters(const Model& model,
                                                       const std::map<std::string, Tensor>& state);

}  // namespace evenkeel
