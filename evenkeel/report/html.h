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

// A picture that a page would hold as a file of its own: with its name space and style.
std::string svg_file(const std::string& svg);

// Series are told apart by colour and dashes: kColours of the one, each in kVariations of the
// other. Style s has colour s % kColours; after kStyles they begin again.
inline constexpr int kColours = 8;
inline constexpr int kVariations = 4;
inline constexpr int kStyles = kColours * kVariations;

}  // namespace evenkeel::html
