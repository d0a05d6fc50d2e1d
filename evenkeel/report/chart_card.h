// SPDX-License-Identifier: Apache-2.0
// Parts that pages share: cards, headings, charts with their numbers beside them.
#pragma once

#include <string>

#include "evenkeel/report/html.h"
#include "evenkeel/report/line_chart.h"

namespace evenkeel::html {

// The title and the text are escaped, the content is HTML already.
std::string card(const std::string& title, const std::string& content);
std::string heading(const std::string& text, int level = 2);
std::string paragraph(const std::string& text);

// The values of a chart's lines at about six places of the longest one.
Table table_of(const LineChart& chart, std::string (*text)(double));
// Legend, and the chart in two sizes; the same with its table, folded.
std::string legend_and_chart(const LineChart& chart);
std::string with_table(const LineChart& chart, std::string (*text)(double));

}  // namespace evenkeel::html
