// SPDX-License-Identifier: Apache-2.0
// Axes, lines and bars.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/html.h"
#include "evenkeel/report/line_chart.h"

namespace evenkeel {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> labels(double low, double high, AxisScale scale, int count = 5) {
  const Axis axis(low, high, scale);
  return axis.labels(axis.ticks(count));
}

TEST(Axis, LabelsAreRoundNumbersWithAsManyDigitsAsTheyNeed) {
  EXPECT_THAT(labels(0, 50000, AxisScale::linear),
              ElementsAre("0", "10,000", "20,000", "30,000", "40,000", "50,000"));
  EXPECT_THAT(labels(0.7, 1, AxisScale::linear, 3), ElementsAre("0.7", "0.8", "0.9", "1.0"));
  EXPECT_THAT(labels(-0.06, 0.11, AxisScale::linear, 4),
              ElementsAre("-0.05", "0.00", "0.05", "0.10"));
  EXPECT_THAT(labels(0, 3, AxisScale::linear, 3), ElementsAre("0", "1", "2", "3"));
}

TEST(Axis, LogarithmsHaveTicksAtPowersOfTen) {
  EXPECT_THAT(labels(1e-5, 10, AxisScale::log, 4), ElementsAre("1e-5", "0.001", "0.1", "10"));
  EXPECT_THAT(labels(0.4, 6, AxisScale::log), ElementsAre("0.5", "1", "2", "5"));
}

TEST(Axis, AccuracyIsAsFarFromOneAsItsErrorIsSmall) {
  const Axis axis(0, 0.999, AxisScale::accuracy);
  EXPECT_NEAR(axis.place(0), 0, 1e-12);
  EXPECT_NEAR(axis.place(0.9), 1.0 / 3, 1e-9);
  EXPECT_NEAR(axis.place(0.99), 2.0 / 3, 1e-9);
  EXPECT_TRUE(std::isfinite(axis.place(1)));
  EXPECT_THAT(labels(0.85, 0.995, AxisScale::accuracy),
              ElementsAre("90 %", "95 %", "98 %", "99 %", "99.5 %"));
}

TEST(Axis, HoldsAllValuesAndLeavesOutWhatItCannotShow) {
  const double nan = std::nan("");
  const Axis linear =
      Axis::around({3, nan, 7, std::numeric_limits<double>::infinity()}, AxisScale::linear);
  EXPECT_LT(linear.low(), 3);
  EXPECT_GT(linear.high(), 7);
  EXPECT_LT(linear.high(), 8);
  const Axis log = Axis::around({0, -1, 0.01, 100}, AxisScale::log);
  EXPECT_NEAR(log.low(), 0.01, 0.01);
  EXPECT_TRUE(std::isnan(log.place(0)));
  for (const AxisScale scale : {AxisScale::linear, AxisScale::log, AxisScale::accuracy}) {
    EXPECT_LT(Axis::around({}, scale).low(), Axis::around({}, scale).high());
    const Axis one = Axis::around({0.5, 0.5}, scale);
    EXPECT_LT(one.low(), 0.5);
    EXPECT_GT(one.high(), 0.5);
    EXPECT_GE(one.ticks(5).size(), 2U);
  }
}

TEST(ShortNumber, KeepsThreeDigits) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.012345), "0.0123");
  EXPECT_EQ(short_number(12345), "12,345");
  EXPECT_EQ(short_number(1.5e-7), "1.5e-7");
  EXPECT_EQ(short_number(-2e9), "-2e9");
  EXPECT_EQ(short_number(std::nan("")), "n/a");
  EXPECT_EQ(percent_text(0.98765), "98.77 %");
  EXPECT_EQ(percent_text(std::nan("")), "n/a");
}

TEST(LineChart, BreaksALineWhereThereIsNoNumber) {
  LineChart chart{"t", {"x"}, {"y"}, {{"a", 1, {0, 1, 2, 3, 4}, {1, 2, std::nan(""), 2, 1}}}};
  const std::string svg = to_svg(chart, {300, 200, false});
  const std::size_t path = svg.find("class=\"line s1\" d=\"");
  ASSERT_NE(path, std::string::npos);
  const std::string d = svg.substr(path, svg.find("\"/>", path) - path);
  EXPECT_EQ(std::count(d.begin(), d.end(), 'M'), 2);
  EXPECT_EQ(std::count(d.begin(), d.end(), 'L'), 2);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(LineChart, LabelsThatWouldOverlapAreMovedApart) {
  LineChart chart{"t", {"x"}, {"y"}, {}};
  for (int i = 0; i < 5; ++i)
    chart.series.push_back({"line " + std::to_string(i), i, {0, 1}, {0.0, 1 + 0.001 * i}});
  chart.series.push_back({"low", 5, {0, 1}, {0, 0}});
  const std::string svg = to_svg(chart, {400, 300, true});
  std::vector<double> places;
  for (std::size_t at = svg.find("class=\"label"); at != std::string::npos;
       at = svg.find("class=\"label", at + 1)) {
    const std::size_t y = svg.find(" y=\"", at) + 4;
    places.push_back(std::stod(svg.substr(y)));
  }
  ASSERT_EQ(places.size(), 6U);
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i) EXPECT_GE(places[i] - places[i - 1], 14.9);
  EXPECT_LE(places.back(), 300);
}

// The numbers beneath the x axis.
std::vector<std::string> x_labels(const LineChart& chart, const ChartSize& size) {
  const std::string svg = to_svg(chart, size);
  const std::regex label(R"(y="[0-9.]+" text-anchor="middle">([0-9.,]+)</text>)");
  std::vector<std::string> labels;
  for (std::sregex_iterator at(svg.begin(), svg.end(), label), end; at != end; ++at)
    labels.push_back((*at)[1]);
  return labels;
}

TEST(LineChart, CountsHaveNoTicksBetweenWholeNumbers) {
  LineChart chart;
  chart.series = {{"a", 1, {1}, {0.5}}};
  EXPECT_THAT(x_labels(chart, {}), Contains("0.8"));
  chart.x.whole = true;
  EXPECT_THAT(x_labels(chart, {}), ElementsAre("1"));
  chart.series = {{"a", 1, {1, 2, 3}, {0.5, 0.6, 0.7}}};
  EXPECT_THAT(x_labels(chart, {}), ElementsAre("1", "2", "3"));
}

TEST(LineChart, ANarrowOneHasTicksEnoughToTellItsScale) {
  LineChart chart;
  chart.series = {{"a", 1, {1, 859}, {0.5, 0.6}}};
  EXPECT_THAT(x_labels(chart, {320, 260, false}), ElementsAre("200", "400", "600", "800"));
  chart.series = {{"a", 1, {1, 171'799}, {0.5, 0.6}}};
  EXPECT_THAT(x_labels(chart, {200, 260, false}), ElementsAre("100,000"));  // more would touch
}

TEST(LineChart, TitlesAreEscapedAndEmptyChartsAreDrawn) {
  const std::string svg = to_svg({"a<b", {"x & y"}, {"\"y\""}, {}}, {});
  EXPECT_THAT(svg, HasSubstr("a&lt;b"));
  EXPECT_THAT(svg, HasSubstr("x &amp; y"));
  EXPECT_THAT(svg, Not(HasSubstr("\"y\"<")));
}

TEST(HtmlTable, IsNamedOutsideOfThePartThatScrolls) {
  const html::Table table{{"run", "loss"}, {{"a", "0.5"}}};
  const std::string named = html::to_html(table, "Results & more");
  EXPECT_TRUE(named.starts_with("<figure class=\"table\"><figcaption>Results &amp; more"));
  EXPECT_LT(named.find("</figcaption>"), named.find("<div class=\"scroll\">"));
  EXPECT_TRUE(html::to_html(table).starts_with("<div class=\"scroll\"><table>"));
}

TEST(Bars, AreAsLongAsTheirValues) {
  const std::string svg = bars_svg("t", {{"a", 1, "1 ms", 0}, {"b", 2, "2 ms", 1}}, 320);
  EXPECT_THAT(svg, HasSubstr("width=\"100.0\""));
  EXPECT_THAT(svg, HasSubstr("width=\"200.0\""));
  EXPECT_THAT(bars_svg("t", {}, 320), HasSubstr("</svg>"));
  EXPECT_THAT(histogram_svg("t", 0, 1, {1, 0, 3}, 2), HasSubstr("bar s2"));
}

}  // namespace
}  // namespace evenkeel
