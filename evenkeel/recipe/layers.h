// SPDX-License-Identifier: Apache-2.0
// Networks that a recipe describes layer by layer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/model/model.h"
#include "evenkeel/model/options.h"
#include "evenkeel/recipe/setting.h"

namespace evenkeel {

struct LayerOptionInfo {
  std::string_view key;
  std::string_view what;  // with its default
};
struct LayerType {
  std::string_view type;
  std::vector<LayerOptionInfo> options;
};
// All that a recipe can name, for the schema.
EVENKEEL_API const std::vector<LayerType>& layer_types();

// The network of `layers`, one after the other, and behind them, where the last is none of as many
// units, dense(classes). InvalidArgument with the layer's place for an unknown type or option, a
// value that makes no sense, or a layer that does not fit. Without `batch_norm` those are left out.
// `width` multiplies filters and units, of all but the last layer.
EVENKEEL_API Model model_of_layers(const std::string& name, const std::vector<SettingTable>& layers,
                                   const ImageInput& input, std::int64_t classes, double width,
                                   bool batch_norm);

}  // namespace evenkeel
