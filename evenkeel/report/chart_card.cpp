// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/chart_card.h"

#include <algorithm>

namespace evenkeel::html {

std::string card(const std::string& title, const std::string& content) {
  return "<div class=\"card\"><h3>" + escape(title) + "</h3>" + content + "</div>\n";
}

std::string heading(const std::string& text, int level) {
  const std::string tag = "h" + std::to_string(level);
  return "<" + tag + ">" + escape(text) + "</" + tag + ">\n";
}

std::string paragraph(const std::string& text) { return "<p>" + escape(text) + "</p>\n"; }

Table table_of(const LineChart& chart, std::string (*text)(double)) {
  constexpr std::size_t kRows = 6;
  Table table;
  table.head.push_back(escape(chart.x.title));
  const ChartSeries* longest = nullptr;
  for (const ChartSeries& series : chart.series) {
    table.head.push_back(escape(series.name));
    if (longest == nullptr || series.x.size() > longest->x.size()) longest = &series;
  }
  if (longest == nullptr || longest->x.empty()) return table;
  const std::size_t rows = std::min(kRows, longest->x.size());
  for (std::size_t row = 1; row <= rows; ++row) {
    const double x = longest->x[(longest->x.size() * row + rows - 1) / rows - 1];
    std::vector<std::string> cells = {short_number(x)};
    for (const ChartSeries& series : chart.series) {
      const auto at = std::upper_bound(series.x.begin(), series.x.end(), x) - series.x.begin();
      cells.push_back(at == 0 ? "" : text(series.y[static_cast<std::size_t>(at - 1)]));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string legend_and_chart(const LineChart& chart) {
  constexpr std::size_t kMostLabels = 16;  // more would not stand below each other
  ChartSize wide;
  wide.labels = chart.series.size() <= kMostLabels;
  return legend(chart.series) + responsive_svg(chart, wide);
}

std::string with_table(const LineChart& chart, std::string (*text)(double)) {
  return legend_and_chart(chart) + details("The same in numbers", to_html(table_of(chart, text)));
}

}  // namespace evenkeel::html
