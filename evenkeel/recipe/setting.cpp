// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/setting.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace evenkeel {
namespace {

// JSON's escapes are TOML's.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename T>
std::string list(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ", ") + to_toml(SettingValue(value));
  return "[" + text + "]";
}

struct Toml {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
  }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const std::vector<SettingTable>& tables) const {
    std::string text;
    for (const SettingTable& table : tables) {
      std::string inside;
      // The type first, as one would write it.
      if (const auto type = table.values.find("type"); type != table.values.end())
        inside = "type = " + to_toml(type->second);
      for (const auto& [key, value] : table.values)
        if (key != "type") inside += (inside.empty() ? "" : ", ") + key + " = " + to_toml(value);
      text += (text.empty() ? "{" : ", {") + inside + "}";
    }
    return "[" + text + "]";
  }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    return list(values);
  }
};

struct KindOfValue {
  std::string operator()(bool) const { return "true or false"; }
  std::string operator()(std::int64_t) const { return "a whole number"; }
  std::string operator()(double) const { return "a number"; }
  std::string operator()(const std::string&) const { return "a text"; }
  std::string operator()(const std::vector<std::int64_t>&) const {
    return "a list of whole numbers";
  }
  std::string operator()(const std::vector<double>&) const { return "a list of numbers"; }
  std::string operator()(const std::vector<std::string>&) const { return "a list of texts"; }
  std::string operator()(const std::vector<SettingTable>&) const { return "a list of tables"; }
};

}  // namespace

std::string kind_of(const SettingValue& value) { return std::visit(KindOfValue{}, value); }
std::string to_toml(const SettingValue& value) { return std::visit(Toml{}, value); }

}  // namespace evenkeel
