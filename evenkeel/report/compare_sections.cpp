// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/compare_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/bar_chart.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/compare_charts.h"
#include "evenkeel/report/compare_report.h"
#include "evenkeel/report/html.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using namespace compare;
using html::card;
using html::escape;
using html::heading;
using html::paragraph;
using html::with_table;

const char* badge_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "badge good";
    case Verdict::in_part:
      return "badge part";
    case Verdict::fails:
      return "badge bad";
    case Verdict::open:
    default:
      return "badge none";
  }
}

// Each alternative at its best rate; at its first where it diverged at all.
std::vector<const Cell*> shown_cells(const Analysis& analysis) {
  std::vector<const Cell*> cells;
  for (std::size_t a = 0; a < analysis.results().study.alternatives.size(); ++a) {
    const Cell* best = analysis.best(a);
    cells.push_back(best != nullptr ? best : &analysis.cell(a, 0));
  }
  return cells;
}

std::string rate_note(const Analysis& analysis, const std::vector<const Cell*>& cells) {
  if (analysis.results().study.learning_rates.size() < 2) return "";
  std::string note = "Each at the learning rate with the best median accuracy at the end: ";
  for (std::size_t i = 0; i < cells.size(); ++i)
    note += (i > 0 ? ", " : "") + analysis.alternative(*cells[i]).name + " " +
            short_number(analysis.rate(*cells[i]));
  return paragraph(note + ".");
}

}  // namespace

std::string verdict_section(const Analysis& analysis) {
  const auto judged = judgements(analysis);
  if (std::all_of(judged.begin(), judged.end(),
                  [](const Judgement& each) { return each.verdict == Verdict::unknown; }))
    return "";
  std::string body =
      heading("What is claimed of batch norm, measured here") + "<div class=\"grid\">";
  for (const Judgement& each : judged) {
    if (each.evidence.empty()) continue;
    std::string content = std::string("<p><span class=\"") + badge_class(each.verdict) + "\">" +
                          std::string(to_string(each.verdict)) + "</span></p>";
    for (const std::string& sentence : each.evidence) content += paragraph(sentence);
    body += card(each.claim, content);
  }
  body += "</div>\n";
  const auto losses = losses_of_batch_norm(analysis);
  if (losses.empty()) return body;
  body += "<h3>Where batch norm loses, and what it costs</h3><ul>";
  for (const std::string& sentence : losses) body += "<li>" + escape(sentence) + "</li>\n";
  return body + "</ul>\n";
}

std::string paper_section(const Analysis& analysis) {
  const auto statements = paper_statements(analysis);
  if (statements.empty()) return "";
  html::Table table;
  table.head = {"the paper", "here", "measured"};
  for (const Judgement& each : statements) {
    const char* const word = each.verdict == Verdict::holds     ? "agrees"
                             : each.verdict == Verdict::in_part ? "agrees in part"
                             : each.verdict == Verdict::fails   ? "differs"
                             : each.verdict == Verdict::open    ? "left open"
                                                                : "no verdict";
    std::string evidence;
    for (const std::string& sentence : each.evidence)
      evidence += (evidence.empty() ? "" : "<br>") + escape(sentence);
    table.rows.push_back(
        {escape(each.claim),
         std::string("<span class=\"") + badge_class(each.verdict) + "\">" + word + "</span>",
         evidence});
  }
  return heading("Held against the paper") + "<div class=\"words\">" + to_html(table) + "</div>\n";
}

std::string curve_section(const Analysis& analysis) {
  const auto cells = shown_cells(analysis);
  std::string body = heading("Accuracy and loss") + rate_note(analysis, cells);
  body += "<div class=\"pair\">";
  for (const Over over : {Over::steps, Over::seconds}) {
    const LineChart accuracy = accuracy_chart(analysis, cells, over);
    body += card(accuracy.title,
                 with_table(accuracy, [](double value) { return percent_text(value); }));
  }
  for (const Over over : {Over::steps, Over::seconds}) {
    const LineChart loss = loss_chart(analysis, cells, over);
    body += card(loss.title, with_table(loss, short_number));
  }
  return body + "</div>\n";
}

std::string rate_section(const Analysis& analysis) {
  const Study& study = analysis.results().study;
  std::string body = heading("Test accuracy at the end, by learning rate");
  html::Table table;
  table.head = {"alternative"};
  for (const double rate : study.learning_rates) table.head.push_back("lr " + short_number(rate));
  for (std::size_t a = 0; a < study.alternatives.size(); ++a) {
    std::vector<std::string> row = {escape(study.alternatives[a].name)};
    for (std::size_t r = 0; r < study.learning_rates.size(); ++r) {
      const Cell& cell = analysis.cell(a, r);
      std::string text = escape(cell_text(cell));
      if (cell.mostly_diverged()) text = "<span class=\"bad\">" + text + "</span>";
      if (analysis.best(a) == &cell && study.learning_rates.size() > 1)
        text = "<b>" + text + "</b>";
      if (cell.accuracies.size() > 1) {
        const auto [low, high] =
            std::minmax_element(cell.accuracies.begin(), cell.accuracies.end());
        text += "<br><small>" + percent_text(*low) + " to " + percent_text(*high) + "</small>";
      }
      row.push_back(text);
    }
    table.rows.push_back(row);
  }
  body += to_html(
      table, study.seeds > 1 ? "Median over seeds, and the range; each row's best is bold" : "");
  if (study.learning_rates.size() < 2) return body;
  body += "<div class=\"grid\" style=\"margin-top:16px\">";
  for (std::size_t r = 0; r < study.learning_rates.size(); ++r) {
    std::vector<const Cell*> cells;
    for (std::size_t a = 0; a < study.alternatives.size(); ++a)
      cells.push_back(&analysis.cell(a, r));
    const LineChart chart = accuracy_chart(analysis, cells, Over::steps);
    body += card("Learning rate " + short_number(study.learning_rates[r]),
                 legend(chart.series) + to_svg(chart, {340, 260, false}));
  }
  return body + "</div>\n";
}

std::string time_section(const Analysis& analysis) {
  constexpr const char* kTitle = "Milliseconds of a training step, by alternative";
  const Results& results = analysis.results();
  if (results.step_seconds.size() != results.study.alternatives.size()) return "";
  const auto pairs = pairs_of(results.study);
  double plain = 0;
  for (std::size_t a = 0; a < results.study.alternatives.size(); ++a)
    if (results.study.alternatives[a].norm.kind == NormKind::none && plain == 0)
      plain = results.step_seconds[a];
  std::vector<Bar> bars;
  for (std::size_t a = 0; a < results.study.alternatives.size(); ++a) {
    const double seconds = results.step_seconds[a];
    std::string text = short_number(1000 * seconds) + " ms";
    if (plain > 0 && results.study.alternatives[a].norm.kind != NormKind::none)
      text += fmt::format(" ({:+.0f} %)", 100 * (seconds / plain - 1));
    bars.push_back({results.study.alternatives[a].name, seconds, text, style_of(results.study, a)});
  }
  return heading("What a step costs in time") +
         paragraph(
             "Median time of a training step, the alternatives measured in turns before the "
             "runs.") +
         "<div class=\"card\" style=\"max-width:640px\"><div class=\"wide\">" +
         bars_svg(kTitle, bars, 560) + "</div><div class=\"narrow\">" +
         bars_svg(kTitle, bars, 320) + "</div></div>\n";
}

std::string statistics_section(const Results& results) {
  const LineChart chart = statistics_chart(results);
  html::Table table;
  table.head = {"statistics"};
  std::vector<std::int64_t> steps;
  for (const StatisticsPoint& point : results.records.front().statistics)
    if (steps.empty() || point.step > steps.back()) steps.push_back(point.step);
  for (const std::int64_t step : steps) table.head.push_back("after step " + with_thousands(step));
  for (const ChartSeries& series : chart.series) {
    std::vector<std::string> row = {escape(series.name)};
    for (const std::int64_t step : steps) {
      std::string text;
      for (const RunRecord& run : results.records)
        for (const StatisticsPoint& point : run.statistics)
          if (point.step == step && point.rule == series.name)
            text += (text.empty() ? "" : "&ensp;") + fmt::format("{:.4f}", point.accuracy);
      row.push_back(text);
    }
    table.rows.push_back(row);
  }
  return heading("Test accuracy by the statistics that it is predicted with") +
         "<div class=\"card\">" + legend(chart.series) + responsive_svg(chart, {900, 400, true}) +
         "</div>\n" + to_html(table, "Test accuracy, one number for each seed");
}

}  // namespace evenkeel
