// SPDX-License-Identifier: Apache-2.0
// One key of a recipe with the value that somebody gave it, and where that stands.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

struct SettingTable;

// What a recipe's file, or --set, can hold.
using SettingValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                 std::vector<double>, std::vector<std::string>, std::vector<SettingTable>>;

// One [[...]] of a list, as {type = "conv2d", filters = 32}.
struct SettingTable {
  std::map<std::string, SettingValue> values;
  std::string place;  // "recipe.toml:12:1"
  friend bool operator==(const SettingTable& a, const SettingTable& b) {
    return a.values == b.values;
  }
};

struct Setting {
  std::string key;  // "train.lr"
  SettingValue value;
  std::string place;  // "recipe.toml:12:8", "--set train.lr", "--lr"
};

// "a whole number", "a list of texts"
EVENKEEL_API std::string kind_of(const SettingValue& value);
// As TOML writes it: 0.01, "sgd", [1, 2], [{type = "relu"}].
EVENKEEL_API std::string to_toml(const SettingValue& value);

}  // namespace evenkeel
