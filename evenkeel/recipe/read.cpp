// SPDX-License-Identifier: Apache-2.0
// Recipes as TOML.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "evenkeel/base/error.h"
#include "evenkeel/recipe/recipe.h"

namespace evenkeel {
namespace {

std::string place_of(const std::string& name, const toml::source_region& source) {
  return fmt::format("{}:{}:{}", name, source.begin.line, source.begin.column);
}

class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  // Of a table and the tables in it, "a.b" for each.
  void settings(const toml::table& table, const std::string& above, std::vector<Setting>& out) {
    for (const auto& [key, node] : table) {
      const std::string whole = above + std::string(key.str());
      if (node.is_table())
        settings(*node.as_table(), whole + ".", out);
      else
        out.push_back({whole, value(whole, node), place_of(name_, node.source())});
    }
  }

  SettingValue value(const std::string& key, const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return whole->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* array = node.as_array()) return list(key, *array);
    fail(node, key + ": expected a text, a number, true, false or a list, got a date or time");
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& text) {
    throw InvalidArgument(place_of(name_, node.source()), text);
  }

  SettingValue list(const std::string& key, const toml::array& array) {
    std::vector<std::int64_t> whole;
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::vector<SettingTable> tables;
    for (const toml::node& each : array) {
      if (const auto* table = each.as_table()) {
        tables.push_back(one_table(key, *table));
      } else if (const auto* text = each.as_string()) {
        texts.push_back(text->get());
      } else if (const auto* number = each.as_floating_point()) {
        numbers.push_back(number->get());
      } else if (const auto* integer = each.as_integer()) {
        whole.push_back(integer->get());
        numbers.push_back(static_cast<double>(integer->get()));
      } else {
        fail(each, key + ": expected a list of numbers, texts or tables");
      }
    }
    if (tables.size() == array.size() && !tables.empty()) return tables;
    if (texts.size() == array.size() && !texts.empty()) return texts;
    if (whole.size() == array.size()) return whole;
    if (numbers.size() == array.size()) return numbers;
    fail(array, key + ": expected a list whose items are all of one kind");
  }

  SettingTable one_table(const std::string& key, const toml::table& table) {
    SettingTable result;
    result.place = place_of(name_, table.source());
    for (const auto& [name, node] : table) {
      if (node.is_table()) fail(node, key + ": expected no table within a table of the list");
      result.values[std::string(name.str())] = value(key + "." + std::string(name.str()), node);
    }
    return result;
  }

  std::string name_;
};

toml::table parsed(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw InvalidArgument(place_of(name, error.source()),
                          "expected TOML: " + std::string(error.description()));
  }
}

bool before(const std::string& a, const std::string& b) {
  const auto number = [](const std::string& place) {
    const std::size_t column = place.rfind(':');
    const std::size_t line = place.rfind(':', column - 1);
    return std::pair(std::stoul(place.substr(line + 1, column - line - 1)),
                     std::stoul(place.substr(column + 1)));
  };
  return number(a) < number(b);
}

}  // namespace

std::vector<Setting> parse_settings(std::string_view text, const std::string& name) {
  std::vector<Setting> settings;
  Reader(name).settings(parsed(text, name), "", settings);
  // As written, so that the first mistake is the one that is told.
  std::stable_sort(settings.begin(), settings.end(),
                   [](const Setting& a, const Setting& b) { return before(a.place, b.place); });
  return settings;
}

std::vector<Setting> read_settings(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error))
    throw InvalidArgument(path.string(), "expected a recipe that can be read");
  std::stringstream text;
  text << file.rdbuf();
  return parse_settings(text.str(), path.string());
}

Setting parse_set(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InvalidArgument("--set", "expected KEY=VALUE, as train.lr=0.01, got '" + text + "'");
  const std::string key = text.substr(0, equals);
  const std::string value = text.substr(equals + 1);
  const std::string place = "--set " + key;
  try {
    const toml::table table = toml::parse("value = " + value);
    if (const toml::node* node = table.get("value"); node != nullptr && table.size() == 1)
      return {key, Reader(place).value(key, *node), place};
  } catch (const toml::parse_error&) {
    // A text without quotes.
  }
  return {key, value, place};
}

}  // namespace evenkeel
