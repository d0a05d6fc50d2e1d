// SPDX-License-Identifier: Apache-2.0
// A recipe's members as settings.
#pragma once

#include <limits>
#include <optional>

#include "evenkeel/recipe/setting.h"

namespace evenkeel {

// Empty for what has no value: none given, or an empty list.
template <typename T>
std::optional<SettingValue> value_of(const std::optional<T>& member) {
  if (!member) return std::nullopt;
  return SettingValue(*member);
}
inline std::optional<SettingValue> value_of(std::uint64_t member) {
  if (member > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return SettingValue(std::to_string(member));  // beyond TOML's whole numbers
  return SettingValue(static_cast<std::int64_t>(member));
}
template <typename T>
std::optional<SettingValue> value_of(const std::vector<T>& member) {
  if (member.empty()) return std::nullopt;
  return SettingValue(member);
}
template <typename T>
std::optional<SettingValue> value_of(const T& member) {
  return SettingValue(member);
}

}  // namespace evenkeel
