// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/layer_options.h"

#include <algorithm>
#include <array>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 7> kActivations = {"none",    "relu", "leaky_relu", "relu6",
                                                          "sigmoid", "tanh", "softmax"};

template <typename Names>
std::string list_of(const Names& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

// The index of `given`; the count where it is none of them.
template <typename Names>
std::size_t index_in(const Names& names, const std::string& given) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), given) - names.begin());
}

template <typename Names>
std::string nearest(const Names& names, const std::string& given) {
  return did_you_mean(given, std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace

void LayerOptions::fail(const std::string& text) const {
  throw InvalidArgument(table_.place, type_ + ": " + text);
}

void LayerOptions::require(const std::string& key) const {
  if (!has(key)) fail("expected '" + key + "' with it");
}

void LayerOptions::refuse(const std::string& key, const std::string& expected) const {
  fail(key + ": expected " + expected + ", got " + to_toml(*find(key)));
}

const SettingValue* LayerOptions::find(const std::string& key) const {
  const auto found = table_.values.find(key);
  return found == table_.values.end() ? nullptr : &found->second;
}

std::int64_t LayerOptions::whole(const std::string& key, std::int64_t otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  const auto* value = std::get_if<std::int64_t>(given);
  if (value == nullptr) refuse(key, "a whole number");
  return *value;
}

double LayerOptions::number(const std::string& key, double otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  if (const auto* value = std::get_if<std::int64_t>(given)) return static_cast<double>(*value);
  const auto* value = std::get_if<double>(given);
  if (value == nullptr) refuse(key, "a number");
  return *value;
}

bool LayerOptions::flag(const std::string& key, bool otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  const auto* value = std::get_if<bool>(given);
  if (value == nullptr) refuse(key, "true or false");
  return *value;
}

std::string LayerOptions::text(const std::string& key, const std::string& otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  const auto* value = std::get_if<std::string>(given);
  if (value == nullptr) refuse(key, "a text");
  return *value;
}

std::vector<std::int64_t> LayerOptions::numbers(const std::string& key,
                                                const std::vector<std::int64_t>& otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  const auto* value = std::get_if<std::vector<std::int64_t>>(given);
  if (value == nullptr) refuse(key, "a list of whole numbers");
  return *value;
}

Size2 LayerOptions::size(const std::string& key, Size2 otherwise) const {
  const SettingValue* given = find(key);
  if (given == nullptr) return otherwise;
  if (const auto* both = std::get_if<std::int64_t>(given)) return *both;
  const auto* two = std::get_if<std::vector<std::int64_t>>(given);
  if (two == nullptr || two->size() != 2) refuse(key, "a whole number, or [high, wide]");
  return {(*two)[0], (*two)[1]};
}

ImagePadding LayerOptions::padding() const {
  const SettingValue* given = find("padding");
  if (given == nullptr) return Padding::valid;
  const auto* rule = std::get_if<std::string>(given);
  if (rule != nullptr && *rule == "same") return Padding::same;
  if (rule != nullptr && *rule == "valid") return Padding::valid;
  const auto* sides = std::get_if<std::vector<std::int64_t>>(given);
  if (sides == nullptr || sides->size() != 4)
    refuse("padding", "\"same\", \"valid\" or [top, bottom, left, right]");
  return {(*sides)[0], (*sides)[1], (*sides)[2], (*sides)[3]};
}

Activation LayerOptions::activation() const {
  const std::string given = text("activation", "none");
  const std::size_t index = index_in(kActivations, given);
  if (index == kActivations.size())
    fail("activation: expected one of " + list_of(kActivations) + ", got '" + given + "'" +
         nearest(kActivations, given));
  return static_cast<Activation>(index);
}

InitialValue LayerOptions::initial(const std::string& key, Initializer otherwise) const {
  if (!has(key)) return otherwise;
  const auto& names = EnumNames<Initializer>::names;
  const std::string given = text(key, "");
  const std::size_t index = index_in(names, given);
  const auto which = static_cast<Initializer>(index);
  if (index == names.size() || which == Initializer::constant ||
      which == Initializer::truncated_normal)
    fail(key + ": expected zeros, ones, or glorot, he or lecun with _uniform or _normal, got '" +
         given + "'" + nearest(names, given));
  return which;
}

}  // namespace evenkeel
