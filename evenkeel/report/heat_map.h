// SPDX-License-Identifier: Apache-2.0
// A table of shades, as SVG: rows by columns of squares.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace evenkeel {

struct HeatCell {
  std::size_t row = 0;
  std::size_t column = 0;
  double shade = 0;        // 0: the page's own colour, 1: the darkest
  int style = 0;           // its colour, as of charts' series
  std::string text = {};   // within it, where squares are large enough
  std::string about = {};  // shown where somebody points at it
};

struct HeatMap {
  std::string title;  // read aloud
  std::string row_title;
  std::string column_title;
  std::vector<std::string> rows;  // names; written where squares are large enough
  std::vector<std::string> columns;
  std::vector<HeatCell> cells;  // those that have a shade or a text
};

// At most `width` wide. Squares are large enough for text up to kMostWithText rows and columns;
// with more, cells are drawn by shade in a few paths, so that hundreds of classes stay small.
inline constexpr std::size_t kMostWithText = 20;
std::string to_svg(const HeatMap& map, int width);

}  // namespace evenkeel
