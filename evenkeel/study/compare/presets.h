// SPDX-License-Identifier: Apache-2.0
// Comparisons that are ready to run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/model/options.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {

// Ioffe & Szegedy 2015 (arXiv 1502.03167), section 4.1: three hidden layers of 100 sigmoid units.
inline constexpr std::string_view kIoffeNetwork = "ioffe2015-mlp";
Model ioffe_network(const ImageInput& input, std::int64_t classes);

struct Preset {
  std::string_view name;
  std::string_view title;  // of the page
  std::string_view
      about;  // what is put beside what, and what was chosen where the source is silent
};
const std::vector<Preset>& presets();
// InvalidArgument with the nearest for an unknown one.
const Preset& preset_named(std::string_view name);
Study preset_study(std::string_view name);

// The preset whose runs look at one training with several sets of statistics.
inline constexpr std::string_view kStatistics = "statistics";

}  // namespace evenkeel::compare
