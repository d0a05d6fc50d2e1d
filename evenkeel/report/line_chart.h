// SPDX-License-Identifier: Apache-2.0
// Lines over an axis, as SVG without any reference outside of itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evenkeel/report/axis.h"

namespace evenkeel {

struct ChartSeries {
  std::string name;
  int style = 0;  // colour and dashes
  std::vector<double> x = {};
  std::vector<double> y = {};    // NaN: a gap
  std::vector<double> low = {};  // a band around the line, where given
  std::vector<double> high = {};
  bool dots = false;   // one at each point
  bool faint = false;  // thin and pale, without a name at its end: what another line smooths
};

// A cross with words beside it: where a run ended, and how.
struct ChartMark {
  double x = 0;
  double y = 0;
  int style = 0;
  std::string text = {};
};

struct ChartAxis {
  std::string title;  // with its unit
  AxisScale scale = AxisScale::linear;
  std::optional<double> low = {};  // else what the series need
  std::optional<double> high = {};
  bool whole = false;  // numbers between whole ones make no sense, and are not written
};

struct LineChart {
  std::string title;  // read aloud
  ChartAxis x;
  ChartAxis y;
  std::vector<ChartSeries> series;
  std::vector<ChartMark> marks = {};
};

struct ChartSize {
  int width = 680;
  int height = 360;
  bool labels = true;  // each line's name at its end
};

std::string to_svg(const LineChart& chart, const ChartSize& size);
// Both sizes, of which the page shows the one that fits; `wide` is used above 760 pixels.
std::string responsive_svg(const LineChart& chart, const ChartSize& wide = {});
// What the lines are, as a list.
std::string legend(const std::vector<ChartSeries>& series);

}  // namespace evenkeel
