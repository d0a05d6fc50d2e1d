// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/recipe_file.h"

#include <span>

#include "evenkeel/base/os.h"
#include "evenkeel/base/version.h"

namespace evenkeel {

std::filesystem::path recipe_path(const std::filesystem::path& folder) {
  return folder / "recipe.toml";
}

void write_recipe(const std::filesystem::path& folder, const Recipe& recipe) {
  const std::string text =
      "# As trained by evenkeel " + std::string(kVersion) + "\n\n" + to_toml(recipe);
  os::write_file_atomically(recipe_path(folder), std::as_bytes(std::span(text)));
}

}  // namespace evenkeel
