// SPDX-License-Identifier: Apache-2.0
// The resolved recipe in a run's folder.
#pragma once

#include <filesystem>

#include "evenkeel/recipe/recipe.h"

namespace evenkeel {

// "<folder>/recipe.toml"
EVENKEEL_API std::filesystem::path recipe_path(const std::filesystem::path& folder);
// Every key that training went by: training by it again gives the same run. Written aside, renamed.
EVENKEEL_API void write_recipe(const std::filesystem::path& folder, const Recipe& recipe);

}  // namespace evenkeel
