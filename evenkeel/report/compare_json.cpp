// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "evenkeel/base/version.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/report/axis.h"
#include "evenkeel/report/compare_report.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using Json = nlohmann::ordered_json;
using namespace compare;

Json json_of(const Analysis& analysis, const Cell& cell) {
  return {{"alternative", analysis.alternative(cell).name},
          {"learning_rate", analysis.rate(cell)},
          {"accuracy", finite_or_null<Json>(cell.accuracy())},
          {"accuracies", cell.accuracies},
          {"diverged_at", cell.diverged},
          {"gradient_ratio_at_start", finite_or_null<Json>(gradient_ratio(cell).start)},
          {"gradient_ratio", finite_or_null<Json>(gradient_ratio(cell).training)}};
}

Json json_of(const std::vector<Judgement>& judgements) {
  Json list = Json::array();
  for (const Judgement& each : judgements)
    list.push_back(
        {{"claim", each.claim}, {"verdict", to_string(each.verdict)}, {"evidence", each.evidence}});
  return list;
}

Json runs_json(const Results& results) {
  Json list = Json::array();
  const auto runs = runs_of(results.study);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Json json = {{"alternative", results.study.alternatives[runs[i].alternative].name},
                 {"learning_rate", results.study.learning_rates[runs[i].learning_rate]},
                 {"seed", runs[i].seed}};
    json.update(Json::parse(to_json(results.records[i])));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string compare_json(const Results& results) {
  const Analysis analysis(results);
  Json cells = Json::array();
  for (std::size_t a = 0; a < results.study.alternatives.size(); ++a)
    for (std::size_t r = 0; r < results.study.learning_rates.size(); ++r)
      cells.push_back(json_of(analysis, analysis.cell(a, r)));
  const Json json = {{"evenkeel", std::string(kVersion)},
                     {"study", Json::parse(to_json(results.study))},
                     {"step_seconds", results.step_seconds},
                     {"headlines", headlines(analysis)},
                     {"judgements", json_of(judgements(analysis))},
                     {"paper", json_of(paper_statements(analysis))},
                     {"losses_of_batch_norm", losses_of_batch_norm(analysis)},
                     {"cells", cells},
                     {"runs", runs_json(results)}};
  return json.dump() + "\n";
}

std::string cell_text(const Cell& cell) {
  if (cell.runs.empty()) return "n/a";
  std::vector<double> steps(cell.diverged.begin(), cell.diverged.end());
  std::string diverged =
      steps.empty() ? "" : "diverged at step " + with_thousands(std::llround(median(steps)));
  if (cell.mostly_diverged()) return diverged;
  std::string text = percent_text(cell.accuracy());
  if (!diverged.empty())
    text += " (" + std::to_string(steps.size()) + " of " + std::to_string(cell.runs.size()) + " " +
            diverged + ")";
  return text;
}

std::string compare_text(const Results& results) {
  const Analysis analysis(results);
  const Study& study = results.study;
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns = {{"test accuracy", Align::left}};
  for (const double rate : study.learning_rates) columns.push_back({"lr " + short_number(rate)});
  columns.push_back({"ms a step"});
  TextTable table(columns);
  for (std::size_t a = 0; a < study.alternatives.size(); ++a) {
    std::vector<std::string> row = {study.alternatives[a].name};
    for (std::size_t r = 0; r < study.learning_rates.size(); ++r)
      row.push_back(cell_text(analysis.cell(a, r)));
    row.push_back(a < results.step_seconds.size() ? short_number(1000 * results.step_seconds[a])
                                                  : "");
    table.add(row);
  }
  std::string text = table.text() + "\n";
  for (const std::string& line : headlines(analysis)) text += line + "\n";
  return text;
}

}  // namespace evenkeel
