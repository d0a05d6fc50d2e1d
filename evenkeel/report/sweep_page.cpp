// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/base/version.h"
#include "evenkeel/report/axis.h"
#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/html.h"
#include "evenkeel/report/sweep_charts.h"
#include "evenkeel/report/sweep_report.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::sweep {
namespace {

std::string heading(const std::string& text) { return "<h2>" + html::escape(text) + "</h2>\n"; }

std::string with_deviation(double mean, double deviation, Metric metric) {
  std::string text = score_text(mean, metric);
  if (std::isfinite(deviation))
    text += " <small>± " +
            (metric == Metric::accuracy ? fmt::format("{:.2f}", 100 * deviation)
                                        : short_number(deviation)) +
            "</small>";
  return text;
}

std::string outcome_cell(const Combination& each) {
  if (each.scored == 0 && each.diverged > 0) return "<span class=\"bad\">diverged</span>";
  if (each.scored == 0) return each.failed > 0 ? "<span class=\"bad\">failed</span>" : "";
  std::string text = with_deviation(each.accuracy, each.accuracy_deviation, Metric::accuracy);
  if (each.diverged > 0)
    text += fmt::format(" <span class=\"bad\">{} diverged</span>", each.diverged);
  return text;
}

std::string head(const Sweep& sweep) {
  const std::string title = "Sweep of " + sweep.plan.name;
  std::string body = "<h1>" + html::escape(title) + "</h1>\n<p class=\"lead\">" +
                     html::escape(sweep_summary(sweep)) +
                     ". Judged on validation images alone.</p>\n<ul class=\"headlines\">";
  const std::string best = best_sentence(sweep);
  if (!best.empty()) body += "<li>" + html::escape(best) + "</li>\n";
  body += "<li>" + html::escape(importance_sentence(sweep)) + "</li></ul>\n";
  const std::string command = best_command(sweep);
  return command.empty() ? body : body + "<pre>" + html::escape(command) + "</pre>\n";
}

std::string table_section(const Sweep& sweep) {
  constexpr std::size_t kShown = 40;
  html::Table table;
  table.head = {"run"};
  for (const Parameter& each : sweep.plan.parameters) table.head.push_back(html::escape(each.key));
  for (const char* title : {"accuracy", "loss", "epochs", "time"}) table.head.emplace_back(title);
  html::Table rest{table.head, {}};
  for (const Combination& each : ranking(sweep)) {
    const auto others = std::ssize(each.trials) - 1;
    std::vector<std::string> row = {html::escape(sweep.trials[each.trials.front()].name) +
                                    (others > 0 ? fmt::format(" and {} more", others) : "")};
    for (const std::string& value : each.values) row.push_back(html::escape(value));
    row.push_back(outcome_cell(each));
    row.push_back(each.scored > 0 ? with_deviation(each.loss, each.loss_deviation, Metric::loss)
                                  : "");
    row.push_back(each.epochs > 0 ? std::to_string(each.epochs) : "");
    row.push_back(readable_time(each.seconds));
    (table.rows.size() < kShown ? table : rest).rows.push_back(std::move(row));
  }
  const std::string caption = sweep.plan.seeds > 1
                                  ? "The best first; means over seeds, ± one standard deviation"
                                  : "The best first";
  std::string body = heading("All combinations") + html::to_html(table, caption);
  if (!rest.rows.empty())
    body += html::details(fmt::format("{} more", rest.rows.size()), html::to_html(rest));
  return body;
}

std::string map_section(const Sweep& sweep) {
  const auto maps = sweep_maps(sweep);
  if (maps.empty()) return "";
  const HeatMap& first = maps.front().map;
  std::string body = heading(
      first.row_title.empty() ? first.column_title : first.column_title + " × " + first.row_title);
  body += fmt::format(
      "<p>Validation {}{}: the darker, the better, in the same shades everywhere. "
      "Where several combinations fall on a square it is the best of them.</p>\n",
      to_string(sweep.plan.metric), sweep.plan.metric == Metric::accuracy ? " in %" : "");
  body += "<div class=\"grid\">";
  for (const SweepMap& each : maps) {
    constexpr int kWidth = 420;
    body += "<div class=\"card\">";
    if (!each.title.empty()) body += "<h3>" + html::escape(each.title) + "</h3>";
    body += to_svg(each.map, kWidth) + "</div>\n";
  }
  return body + "</div>\n";
}

std::string curve_section(const Sweep& sweep) {
  const SweepCurves validation = validation_curves(sweep);
  const SweepCurves training = training_curves(sweep);
  if (validation.chart.series.empty() && training.chart.series.empty()) return "";
  std::string body = heading("Curves of all runs") + legend(validation.colours);
  body += "<div class=\"pair\">";
  for (const SweepCurves* each : {&validation, &training})
    if (!each->chart.series.empty())
      body += "<div class=\"card\"><h3>" + html::escape(each->chart.title) + "</h3>" +
              responsive_svg(each->chart) + "</div>\n";
  return body + "</div>\n";
}

std::string importance_section(const Sweep& sweep) {
  const Importance importance = importance_of(sweep);
  if (!importance.nothing.empty()) return "";
  std::vector<Bar> bars;
  const auto add = [&](const std::string& name, double share, int style) {
    bars.push_back({name, share, fmt::format("{:.1f} %", 100 * share), style});
  };
  for (const ParameterImportance& each : importance.parameters) add(each.key, each.share, 1);
  const bool factorial = importance.method == ImportanceMethod::factorial;
  if (factorial && bars.size() > 1) add("only together", importance.interactions, 0);
  if (factorial && sweep.plan.seeds > 1) add("seeds", importance.seeds, 0);
  constexpr int kWidth = 680;
  const std::string explained =
      factorial ? "Shares of the variance over all runs, which add up to 1: main effects of an "
                  "analysis of variance of the whole grid; what values do only together, beyond "
                  "their sum; and what the same values do with other seeds."
                : "Shares of the variance over all runs that each parameter explains by itself "
                  "(epsilon squared): numbers in bins of about equal counts, less what as many "
                  "bins would explain by chance. They need not add up to 1.";
  return heading("What mattered") + "<div class=\"pair\"><div class=\"card\">" +
         bars_svg("Share of the variance explained", bars, kWidth) + "</div><p>" + explained +
         "</p></div>\n";
}

std::string failure_section(const Sweep& sweep) {
  html::Table table{{"run", "", "what it said"}, {}};
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
    const Result& result = sweep.states[i].result;
    if (result.error.empty()) continue;
    table.rows.push_back({html::escape(sweep.trials[i].name),
                          html::escape(to_string(result.status)), html::escape(result.error)});
  }
  if (table.rows.empty()) return "";
  return html::details(fmt::format("{} that diverged or failed", table.rows.size()),
                       "<div class=\"words\">" + html::to_html(table) + "</div>");
}

}  // namespace

std::string sweep_page(const Sweep& sweep) {
  std::string body = head(sweep);
  body += map_section(sweep);
  body += table_section(sweep);
  body += failure_section(sweep);
  body += importance_section(sweep);
  body += curve_section(sweep);
  body +=
      "<footer>A run counts by its best look at the validation images. Time is that of "
      "training, over all runs of a combination. All numbers are in sweep.json beside this "
      "page; each run has a folder of its own there. Made by evenkeel " +
      std::string(kVersion) + ".</footer>\n";
  return html::page("Sweep of " + sweep.plan.name, body);
}

}  // namespace evenkeel::sweep
