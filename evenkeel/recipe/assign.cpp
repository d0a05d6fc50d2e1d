// SPDX-License-Identifier: Apache-2.0
// Settings into a recipe.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/recipe/fields.h"

namespace evenkeel {
namespace {

[[noreturn]] void refuse(const Setting& setting, const std::string& expected) {
  throw InvalidArgument(setting.place, fmt::format("{}: expected {}, got {}", setting.key, expected,
                                                   to_toml(setting.value)));
}

void take(const Setting& setting, bool& to) {
  const auto* value = std::get_if<bool>(&setting.value);
  if (value == nullptr) refuse(setting, "true or false");
  to = *value;
}

void take(const Setting& setting, std::int64_t& to) {
  const auto* value = std::get_if<std::int64_t>(&setting.value);
  if (value == nullptr || *value < 0) refuse(setting, "a whole number of at least 0");
  to = *value;
}

// TOML's whole numbers have 63 bits; a larger one is a text.
void take(const Setting& setting, std::uint64_t& to) {
  if (const auto* text = std::get_if<std::string>(&setting.value)) {
    const char* const end = text->data() + text->size();
    const auto [at, error] = std::from_chars(text->data(), end, to);
    if (error == std::errc() && at == end && !text->empty()) return;
  }
  const auto* value = std::get_if<std::int64_t>(&setting.value);
  if (value == nullptr || *value < 0) refuse(setting, "a whole number of at least 0");
  to = static_cast<std::uint64_t>(*value);
}

void take(const Setting& setting, double& to) {
  if (const auto* whole = std::get_if<std::int64_t>(&setting.value))
    to = static_cast<double>(*whole);
  else if (const auto* value = std::get_if<double>(&setting.value);
           value != nullptr && std::isfinite(*value))
    to = *value;
  else
    refuse(setting, "a finite number");
}

void take(const Setting& setting, std::string& to) {
  const auto* text = std::get_if<std::string>(&setting.value);
  const auto* whole = std::get_if<std::int64_t>(&setting.value);
  // "500" steps and "60s" are one setting.
  if (text == nullptr && whole != nullptr && setting.key == "run.save_every")
    to = std::to_string(*whole);
  else if (text != nullptr)
    to = *text;
  else
    refuse(setting, "a text");
}

template <typename T>
void take(const Setting& setting, std::optional<T>& to) {
  take(setting, to.emplace());
}

void take(const Setting& setting, std::vector<double>& to) {
  if (const auto* numbers = std::get_if<std::vector<double>>(&setting.value)) {
    to = *numbers;
  } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&setting.value)) {
    to.assign(whole->begin(), whole->end());
  } else {
    refuse(setting, "a list of numbers");
  }
  for (const double number : to)
    if (!std::isfinite(number)) refuse(setting, "finite numbers");
}

void take(const Setting& setting, std::vector<std::string>& to) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&setting.value))
    to = *texts;
  else if (const auto* text = std::get_if<std::string>(&setting.value))
    to = {*text};
  else
    refuse(setting, "a list of texts");
}

void take(const Setting& setting, std::vector<SettingTable>& to) {
  // An empty list has no kind of its own.
  const auto* empty = std::get_if<std::vector<std::int64_t>>(&setting.value);
  if (const auto* tables = std::get_if<std::vector<SettingTable>>(&setting.value))
    to = *tables;
  else if (empty != nullptr && empty->empty())
    to.clear();
  else
    refuse(setting, "a list of tables, each {type = \"dense\", units = 10}");
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(", "), list.size());
    names.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 2, list.size()));
  }
  return names;
}

void require_known(const Setting& setting, const RecipeField& field) {
  const auto* text = std::get_if<std::string>(&setting.value);
  if (field.names.empty() || text == nullptr) return;
  const std::vector<std::string> names = names_in(field.names);
  if (std::find(names.begin(), names.end(), *text) != names.end()) return;
  if (field.key == "train.accumulate_batch_norm" && *text == "exact")
    throw InvalidArgument(setting.place, std::string(field.key) +
                                             ": use the big batch; statistics over several "
                                             "batches would need all of their images at once");
  throw InvalidArgument(setting.place, fmt::format("{}: expected {}{}, got '{}'{}", field.key,
                                                   names.size() > 1 ? "one of " : "", field.names,
                                                   *text, did_you_mean(*text, names)));
}

[[noreturn]] void refuse_unknown(const Setting& setting) {
  std::vector<std::string> known;
  std::string nearest;
  const Recipe recipe;
  const std::string name = setting.key.substr(setting.key.rfind('.') + 1);
  for_each_field(recipe, [&](const RecipeField& field, const auto&) {
    known.emplace_back(field.key);
    // The name that checkpoints and the library have for it, as learning_rate.
    if (field.note == name) nearest = fmt::format("; did you mean '{}'?", field.key);
  });
  if (nearest.empty()) nearest = did_you_mean(setting.key, known);
  throw InvalidArgument(setting.place, fmt::format("unknown key '{}'{}", setting.key, nearest));
}

// The text that a key is given last, or `otherwise`.
std::string last_of(const std::vector<Setting>& settings, std::string_view key,
                    std::string otherwise) {
  for (const Setting& setting : settings)
    if (setting.key == key)
      if (const auto* text = std::get_if<std::string>(&setting.value)) otherwise = *text;
  return otherwise;
}

}  // namespace

void assign(Recipe& recipe, const Setting& setting) {
  bool found = false;
  for_each_field(recipe, [&](const RecipeField& field, auto& member) {
    if (field.key != setting.key) return;
    found = true;
    require_known(setting, field);
    take(setting, member);
  });
  if (!found) refuse_unknown(setting);
}

Recipe make_recipe(const std::vector<Setting>& settings) {
  const bool by_layers = std::any_of(settings.begin(), settings.end(), [](const Setting& setting) {
    return setting.key == "model.layers";
  });
  const std::string model = last_of(settings, "model.name", by_layers ? "layers" : "");
  // A network made of layers may be called like one that has settings of its own.
  Recipe recipe = default_recipe(by_layers ? "" : model, last_of(settings, "optimizer.name", ""));
  if (by_layers) recipe.model = model;
  for (const Setting& setting : settings) assign(recipe, setting);
  check(recipe, settings);
  return recipe;
}

}  // namespace evenkeel
