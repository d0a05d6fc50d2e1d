// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/heat_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

HeatMap map_of(std::size_t side) {
  HeatMap map;
  map.title = "a <map>";
  map.row_title = "rows";
  map.column_title = "columns";
  for (std::size_t i = 0; i < side; ++i) {
    map.rows.push_back("r" + std::to_string(i));
    map.columns.push_back("c" + std::to_string(i));
    map.cells.push_back({i, i, 1, 3, "12", "about it"});
  }
  return map;
}

TEST(HeatMap, WritesNamesAndTextsWhereThereIsRoom) {
  const std::string svg = to_svg(map_of(3), 400);
  EXPECT_THAT(svg, AllOf(HasSubstr("aria-label=\"a &lt;map&gt;\""), HasSubstr(">r2</text>"),
                         HasSubstr(">c2</text>"), HasSubstr("<title>about it</title>"),
                         HasSubstr("class=\"count\""), HasSubstr("fill-opacity=\"0.50\"")));
}

TEST(HeatMap, OfFewSquaresIsNotStretched) {
  EXPECT_THAT(to_svg(map_of(1), 400),
              AllOf(HasSubstr("viewBox=\"0 0 85 "), HasSubstr("style=\"max-width:85px\"")));
  EXPECT_THAT(to_svg(map_of(9), 400), HasSubstr("viewBox=\"0 0 400 "));
}

TEST(HeatMap, DrawsManyCellsInFewPaths) {
  const std::string svg = to_svg(map_of(100), 400);
  EXPECT_THAT(svg, AllOf(Not(HasSubstr(">r2</text>")), Not(HasSubstr("<rect class=\"bar")),
                         HasSubstr("M99 99h1v1h-1z")));
  EXPECT_LT(svg.size(), 3'000U);
}

TEST(HeatMap, LongNamesAreCutBetweenLetters) {
  HeatMap map = map_of(1);
  map.rows[0] = "aaaaaaaaaaaa\xc3\xa4 and more";  // the ä would be cut in two
  EXPECT_THAT(to_svg(map, 400), HasSubstr(">aaaaaaaaaaaa.</text>"));
}

TEST(HeatMap, WithoutCellsOrShadesIsEmpty) {
  EXPECT_THAT(to_svg({}, 400), HasSubstr("</svg>"));
  HeatMap map = map_of(2);
  map.cells[0].shade = std::numeric_limits<double>::quiet_NaN();
  map.cells[1].shade = -5;
  EXPECT_THAT(to_svg(map, 400), AllOf(HasSubstr("fill-opacity=\"0.00\""), Not(HasSubstr("nan"))));
}

}  // namespace
}  // namespace evenkeel
