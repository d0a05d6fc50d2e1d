// SPDX-License-Identifier: Apache-2.0
// Apart from the other checks: knowing data sets takes more than evenkeel::core has.
#include "evenkeel/data/registry.h"
#include "evenkeel/recipe/place.h"

namespace evenkeel {

void check_data_name(const Recipe& recipe, const std::vector<Setting>& settings) {
  if (!recipe.data) return;
  told_at_its_place(settings, [&] { datasets::require_known_or_path("data.name", *recipe.data); });
}

}  // namespace evenkeel
