// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <limits>

#include "evenkeel/recipe/fields.h"
#include "evenkeel/recipe/values.h"

namespace evenkeel {
namespace {

// [[model.layers]], each on lines of its own, behind all else of [model].
std::string layer_text(const SettingTable& layer) {
  std::string text = "\n[[model.layers]]\n";
  if (const auto type = layer.values.find("type"); type != layer.values.end())
    text += "type = " + to_toml(type->second) + "\n";
  for (const auto& [key, value] : layer.values)
    if (key != "type") text += key + " = " + to_toml(value) + "\n";
  return text;
}

}  // namespace

std::string to_toml(const Recipe& recipe) {
  std::string text;
  std::string section;
  std::string layers;
  for_each_field(recipe, [&](const RecipeField& field, const auto& member) {
    const std::size_t dot = field.key.find('.');
    if (section != field.key.substr(0, dot)) {
      section = field.key.substr(0, dot);
      text += layers + (text.empty() ? "" : "\n") + "[" + section + "]\n";
      layers.clear();
    }
    const std::optional<SettingValue> value = value_of(member);
    if (!value) return;
    if (const auto* tables = std::get_if<std::vector<SettingTable>>(&*value))
      for (const SettingTable& table : *tables) layers += layer_text(table);
    else
      text += std::string(field.key.substr(dot + 1)) + " = " + to_toml(*value) + "\n";
  });
  return text + layers;
}

}  // namespace evenkeel
