// SPDX-License-Identifier: Apache-2.0
// Pages that need nothing but themselves: one file, no scripts, light and dark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evenkeel::html {

// & < > " as entities.
std::string escape(std::string_view text);

// A table; the first column names its rows. Cells are HTML already.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};
std::string to_html(const Table& table, std::string_view caption = {});

// Content that is folded away until it is asked for.
std::string details(std::string_view summary, const std::string& content);

// The whole document around a body.
std::string page(std::string_view title, const std::string& body);

// How many series have a colour and dash pattern of their own; the next begin again.
inline constexpr int kStyles = 8;

}  // namespace evenkeel::html
