// SPDX-License-Identifier: Apache-2.0
// A network in numbers, layer by layer, without compiling it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evenkeel/model/model.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel {

struct LayerSummary {
  std::string name;
  std::string kind;
  ValueType output;
  std::int64_t trainable = 0;     // numbers that the optimiser changes
  std::int64_t decayed = 0;       // of those: what weight decay or L2 applies to
  std::int64_t state = 0;         // numbers kept beside them, such as moving statistics
  std::int64_t weight_bytes = 0;  // of both
  double flops = 0;               // of one image, forward; a multiply and an add counted apart
  std::int64_t output_bytes = 0;  // of one image
  std::int64_t frozen = 0;        // numbers that would be trainable, were they not frozen
  bool has_frozen = false;        // it is a frozen batch norm, or has one in it
};

struct ModelSummary {
  std::string model;
  ValueType input;
  std::vector<LayerSummary> layers;
  LayerSummary total;
  DecayRoles decays;
  std::vector<std::string> rules;  // penalties and bounds: "bn1/gamma: L2 0.01, non-negative"
};

// `decays`: what weight decay would apply to, by role.
ModelSummary summarise(const Model& model, const DecayRoles& decays = {});
std::string to_text(const ModelSummary& summary);

}  // namespace evenkeel
