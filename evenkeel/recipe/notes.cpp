// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/notes.h"

#include <fmt/format.h>

#include "evenkeel/base/error.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/fields.h"
#include "evenkeel/recipe/values.h"

namespace evenkeel {
namespace {

constexpr const char kFallback[] = "data_fallback";

// A text stands without quotes, as it always has.
std::string note_text(const SettingValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return to_toml(value);
}

std::string text_of_note(const std::optional<SettingValue>& value) {
  return value ? note_text(*value) : "none";
}

using ValuesOfFields = std::map<std::string_view, std::optional<SettingValue>>;
ValuesOfFields values_of_fields(const Recipe& recipe) {
  ValuesOfFields values;
  for_each_field(recipe, [&](const RecipeField& field, const auto& member) {
    values[field.key] = value_of(member);
  });
  return values;
}

bool is_text(const std::string&) { return true; }
bool is_text(const std::optional<std::string>&) { return true; }
template <typename T>
bool is_text(const T&) {
  return false;
}

bool in_all_versions(const RecipeField& field) {
  return field.note.find('.') == std::string_view::npos;
}

// "recalibrated" as it is noted, with its number of images; of a text that is none, check() says
// where it stands.
void normalise_statistics(Recipe& recipe, const Setting& setting) {
  try {
    recipe.statistics = statistics_text(statistics_of(recipe));
  } catch (const InvalidArgument&) {
    check(recipe, {setting});
    throw;
  }
}

}  // namespace

Notes to_notes(const Recipe& recipe) {
  Notes notes;
  ValuesOfFields defaults = values_of_fields(Recipe());
  for_each_field(recipe, [&](const RecipeField& field, const auto& member) {
    if (field.note.empty()) return;
    const std::optional<SettingValue> value = value_of(member);
    if (value && (in_all_versions(field) || value != defaults[field.key]))
      notes[std::string(field.note)] = note_text(*value);
  });
  if (recipe.data_fallback) notes[kFallback] = "mnist was found nowhere";
  return notes;
}

Recipe from_notes(const Notes& notes) {
  const auto note = [&](const std::string& key) {
    const auto found = notes.find(key);
    return found == notes.end() ? std::string() : found->second;
  };
  const bool by_layers = notes.count("model.layers") > 0;
  Recipe recipe = default_recipe(by_layers ? "" : note("model"), note("optimizer"));
  for_each_field(recipe, [&](const RecipeField& field, auto& member) {
    const auto found = notes.find(std::string(field.note));
    if (field.note.empty() || found == notes.end()) return;
    try {
      Setting setting = {std::string(field.key), found->second, "notes of the checkpoint"};
      if (!is_text(member)) setting.value = parse_set("x=" + found->second).value;
      assign(recipe, setting);
    } catch (const InvalidArgument& error) {
      throw DataError("notes of the checkpoint", error.what());
    }
  });
  recipe.data_fallback = notes.count(kFallback) > 0;
  return recipe;
}

Recipe resumed_with(const Recipe& before, const std::vector<Setting>& settings,
                    const Notes* notes) {
  Recipe recipe = before;
  for (const Setting& setting : settings) {
    Recipe changed = recipe;
    assign(changed, setting);
    if (setting.key == "train.statistics") normalise_statistics(changed, setting);
    ValuesOfFields was = values_of_fields(before);
    for_each_field(changed, [&](const RecipeField& field, const auto& member) {
      const std::optional<SettingValue> now = value_of(member);
      if (field.resumed == Resumed::may_change || now == was[field.key]) return;
      const std::string note(field.note);
      if (notes != nullptr && in_all_versions(field) && notes->count(note) == 0) return;
      throw InvalidArgument(setting.place,
                            fmt::format("expected {}, with which the run was trained so far, got "
                                        "{}; leave it out, or start a new run",
                                        text_of_note(was[field.key]), text_of_note(now)));
    });
    recipe = changed;
  }
  check(recipe, settings);
  return recipe;
}

std::string difference_of(const Notes& there, const Notes& here) {
  ValuesOfFields was = values_of_fields(from_notes(there));
  std::string difference;
  const Recipe recipe = from_notes(here);
  for_each_field(recipe, [&](const RecipeField& field, const auto& member) {
    const std::string note(field.note);
    if (!difference.empty() || field.resumed == Resumed::may_change) return;
    if (there.count(note) == 0 || here.count(note) == 0) return;
    const std::optional<SettingValue> now = value_of(member);
    if (now == was[field.key]) return;
    difference = fmt::format("{} = {} there, {} here", field.key, text_of_note(was[field.key]),
                             text_of_note(now));
  });
  return difference;
}

}  // namespace evenkeel
