// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/run_overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/run_curves.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using html::escape;

constexpr int kNoStyle = -1;

// Of the validation images; where there are none, of the test images.
double best_accuracy(const ReportedRun& run) {
  const RunOutcome outcome = outcome_of(run.record);
  if (outcome.best_validation) return outcome.best_validation->accuracy;
  if (run.record.best) return run.record.best->accuracy;
  if (outcome.test && std::isfinite(outcome.test->accuracy)) return outcome.test->accuracy;
  return -1;
}

// A style for each run that charts show; colours that are told apart best come first.
std::vector<int> styles_of(const std::vector<ReportedRun>& runs) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> accuracies;
  accuracies.reserve(runs.size());
  for (const ReportedRun& run : runs) accuracies.push_back(best_accuracy(run));
  if (runs.size() > static_cast<std::size_t>(html::kStyles)) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return accuracies[a] > accuracies[b]; });
    order.resize(html::kStyles);
    std::sort(order.begin(), order.end());
  }
  std::vector<int> styles(runs.size(), kNoStyle);
  for (std::size_t i = 0; i < order.size(); ++i)
    styles[order[i]] = static_cast<int>((i + 1) % html::kStyles);
  return styles;
}

std::string swatch(int style) {
  if (style == kNoStyle) return "";
  return fmt::format(
      "<svg class=\"swatch\" viewBox=\"0 0 30 12\" aria-hidden=\"true\"><path class=\"line s{}\" "
      "d=\"M1 6L29 6\"/></svg>",
      style);
}

std::string accuracy_text(const std::optional<MetricsRow>& row) {
  return row ? percent_text(row->accuracy) : "";
}

// The accuracy at `best` of all, bold.
std::string marked(const std::string& text, double value, double best) {
  return value == best && value >= 0 ? "<b>" + text + "</b>" : text;
}

double accuracy_of(const std::optional<MetricsRow>& row) { return row ? row->accuracy : -1; }

// Without the columns that no run has anything for.
html::Table without_empty_columns(const html::Table& table) {
  html::Table shown;
  shown.rows.resize(table.rows.size());
  for (std::size_t column = 0; column < table.head.size(); ++column) {
    const auto has_text = [&](const auto& row) { return !row[column].empty(); };
    if (std::none_of(table.rows.begin(), table.rows.end(), has_text)) continue;
    shown.head.push_back(table.head[column]);
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      shown.rows[i].push_back(table.rows[i][column]);
  }
  return shown;
}

std::string results_table(const std::vector<ReportedRun>& runs, const std::vector<int>& styles) {
  html::Table table;
  table.head = {"run",  "state", "best validation", "at step", "test accuracy", "test loss",
                "step", "time",  "images a second"};
  std::vector<RunOutcome> outcomes;
  double best_validation = -1;
  double best_test = -1;
  for (const ReportedRun& run : runs) {
    outcomes.push_back(outcome_of(run.record));
    best_validation = std::fmax(best_validation, accuracy_of(outcomes.back().best_validation));
    best_test = std::fmax(best_test, accuracy_of(outcomes.back().test));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunOutcome& each = outcomes[i];
    const auto& validation = each.best_validation;
    const auto finite = [](double value, const std::string& text) {
      return std::isfinite(value) ? text : "";
    };
    table.rows.push_back(
        {swatch(styles[i]) + escape(runs[i].record.name),
         std::string(to_string(runs[i].record.state)),
         marked(accuracy_text(validation), accuracy_of(validation), best_validation),
         validation ? with_thousands(validation->step) : "",
         marked(accuracy_text(each.test), accuracy_of(each.test), best_test),
         each.test ? short_number(each.test->loss) : "", with_thousands(each.step),
         finite(each.seconds, readable_time(std::isfinite(each.seconds) ? each.seconds : 0)),
         finite(each.images_per_second, short_number(each.images_per_second))});
  }
  return to_html(without_empty_columns(table), "Results; the best of each column is bold");
}

std::string settings_table(const std::vector<ReportedRun>& runs, const std::vector<int>& styles) {
  std::vector<const RecordedRun*> records;
  records.reserve(runs.size());
  for (const ReportedRun& run : runs) records.push_back(&run.record);
  const auto differing = differing_settings(records);
  if (differing.empty()) return html::paragraph("All of their settings are the same.");
  html::Table table;
  table.head = {"run"};
  for (const DifferingSetting& setting : differing) table.head.push_back(escape(setting.key));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<std::string> row = {swatch(styles[i]) + escape(runs[i].record.name)};
    for (const DifferingSetting& setting : differing) row.push_back(escape(setting.values[i]));
    table.rows.push_back(std::move(row));
  }
  return to_html(table, "Settings that are not the same in all runs");
}

}  // namespace

std::string overview_section(const std::vector<ReportedRun>& runs, const RunDetail& detail) {
  const std::vector<int> styles = styles_of(runs);
  std::string body = results_table(runs, styles) + settings_table(runs, styles);
  std::vector<NamedRows> shown;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (styles[i] != kNoStyle)
      shown.push_back({runs[i].record.name, &runs[i].record.rows, styles[i]});
  const std::vector<Curve> curves = shared_curves(shown, detail.points);
  if (curves.empty()) return body;
  body += html::heading("Curves of all");
  if (shown.size() < runs.size())
    body += html::paragraph(
        fmt::format("Of {} runs the {} with the best accuracy.", runs.size(), shown.size()));
  body += "<div class=\"pair\">";
  for (const Curve& curve : curves)
    body += html::card(curve.chart.title, detail.numbers ? html::with_table(curve.chart, curve.text)
                                                         : html::legend_and_chart(curve.chart));
  return body + "</div>\n";
}

}  // namespace evenkeel
