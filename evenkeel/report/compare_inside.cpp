// SPDX-License-Identifier: Apache-2.0
// The sections that look inside of the networks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/compare_charts.h"
#include "evenkeel/report/compare_sections.h"
#include "evenkeel/report/html.h"

namespace evenkeel {
namespace {

using namespace compare;
using html::card;
using html::escape;

// Each alternative at its best rate, with a run that has something to show.
std::vector<const Cell*> probed_cells(const Analysis& analysis) {
  std::vector<const Cell*> cells;
  for (std::size_t a = 0; a < analysis.results().study.alternatives.size(); ++a) {
    const Cell* best = analysis.best(a);
    const Cell* cell = best != nullptr ? best : &analysis.cell(a, 0);
    if (!cell->runs.empty() && cell->runs.front()->probes.size() > 1) cells.push_back(cell);
  }
  return cells;
}

// One range for all charts that are to be held against each other.
void share_axis(std::vector<LineChart>& charts) {
  std::vector<double> values;
  for (const LineChart& chart : charts)
    for (const ChartSeries& series : chart.series)
      values.insert(values.end(), series.y.begin(), series.y.end());
  if (charts.empty()) return;
  const Axis axis = Axis::around(values, charts.front().y.scale);
  for (LineChart& chart : charts) {
    chart.y.low = axis.low();
    chart.y.high = axis.high();
  }
}

std::string charts_grid(const Analysis& analysis, const std::vector<const Cell*>& cells,
                        std::vector<LineChart> charts, bool with_legend) {
  share_axis(charts);
  std::string body = "<div class=\"grid\">";
  for (std::size_t i = 0; i < charts.size(); ++i)
    body +=
        card(analysis.alternative(*cells[i]).name, (with_legend ? legend(charts[i].series) : "") +
                                                       to_svg(charts[i], {340, 240, !with_legend}));
  return body + "</div>\n";
}

std::string last_activation(const Cell& cell) {
  const auto& layers = cell.runs.front()->probes.front().activations;
  return layers.empty() ? "" : layers.back().layer;
}
std::string first_activation(const Cell& cell) {
  const auto& layers = cell.runs.front()->probes.front().activations;
  return layers.empty() ? "" : layers.front().layer;
}

std::vector<std::string> quantile_row(const Analysis& analysis, const Cell& cell,
                                      const std::string& layer, Units units) {
  const auto& probes = cell.runs.front()->probes;
  std::vector<std::string> row = {escape(analysis.alternative(cell).name)};
  for (const std::size_t i : {std::size_t{0}, probes.size() / 2, probes.size() - 1})
    for (const ActivationPoint& point : probes[i].activations) {
      if (point.layer != layer) continue;
      const Quantiles& q = units == Units::all ? point.all : point.unit;
      row.push_back(short_number(q[0]) + ", " + short_number(q[1]) + ", " + short_number(q[2]));
    }
  return row;
}

std::string quantile_grid(const Analysis& analysis, const std::vector<const Cell*>& cells,
                          const std::string& layer, Units units) {
  std::vector<LineChart> charts;
  html::Table table = {{"15, 50, 85 %", "at the start", "halfway", "at the end"}, {}};
  for (const Cell* cell : cells) {
    charts.push_back(
        quantile_chart(*cell, layer, units, style_of(analysis.results().study, cell->alternative)));
    table.rows.push_back(quantile_row(analysis, *cell, layer, units));
  }
  return charts_grid(analysis, cells, std::move(charts), false) +
         html::details("The same in numbers", html::to_html(table));
}

}  // namespace

std::string activation_section(const Analysis& analysis) {
  const auto cells = probed_cells(analysis);
  if (cells.empty()) return "";
  const std::string last = last_activation(*cells.front());
  const std::string first = first_activation(*cells.front());
  if (last.empty()) return "";
  std::string body =
      "<h2>What goes into the activations</h2>\n<p>The values at 15, 50 and 85 % of what the "
      "activation gets, over steps (seed 1).</p>\n";
  body += "<h3>One unit of the last hidden layer (" + escape(last) +
          ", the unit in the middle)</h3>\n" + quantile_grid(analysis, cells, last, Units::one);
  body += "<h3>All units of the last hidden layer (" + escape(last) + ")</h3>\n" +
          quantile_grid(analysis, cells, last, Units::all);
  if (first != last)
    body += "<h3>All units of the first hidden layer (" + escape(first) + ")</h3>\n" +
            quantile_grid(analysis, cells, first, Units::all);
  return body;
}

std::string gradient_section(const Analysis& analysis) {
  const auto cells = probed_cells(analysis);
  if (cells.empty()) return "";
  std::vector<LineChart> charts;
  charts.reserve(cells.size());
  for (const Cell* cell : cells) charts.push_back(gradient_chart(*cell));
  html::Table table;
  table.head = {"alternative", "before training", "in training"};
  for (const Cell* cell : cells)
    table.rows.push_back({escape(analysis.alternative(*cell).name),
                          short_number(gradient_ratio(*cell).start),
                          short_number(gradient_ratio(*cell).training)});
  return "<h2>Gradients by layer</h2>\n<p>The norm of each kernel's gradient over steps (seed 1), "
         "from the first "
         "layer on.</p>\n" +
         charts_grid(analysis, cells, std::move(charts), true) +
         to_html(table,
                 "The first layer's over the last hidden layer's: medians over the run and seeds");
}

std::string histogram_section(const Analysis& analysis) {
  std::string body;
  for (const Cell* cell : probed_cells(analysis)) {
    const auto& norms = cell->runs.front()->norms;
    if (norms.empty()) continue;
    std::vector<std::size_t> chosen = {0};  // the first, the middle and the last
    for (const std::size_t i : {norms.size() / 2, norms.size() - 1})
      if (i != chosen.back()) chosen.push_back(i);
    for (const std::size_t i : chosen) {
      std::string content =
          "<div class=\"grid\" style=\"grid-template-columns:1fr 1fr;gap:8px 16px\">";
      for (const auto& [name, histogram] : norms[i].tensors)
        content += "<div><span class=\"name\">" + escape(name) + "</span>" +
                   histogram_svg(name, histogram.low, histogram.high, histogram.counts,
                                 style_of(analysis.results().study, cell->alternative)) +
                   "</div>";
      body += card(analysis.alternative(*cell).name + ": " + norms[i].layer, content + "</div>");
    }
  }
  if (body.empty()) return "";
  return "<h2>Gamma, beta and moving statistics at the end</h2>\n<p>How many channels have which "
         "value (seed 1); "
         "the ends of each axis are the smallest and the largest value.</p>\n<div class=\"grid\">" +
         body + "</div>\n";
}

}  // namespace evenkeel
