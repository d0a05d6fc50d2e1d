// SPDX-License-Identifier: Apache-2.0
// A report's numbers as JSON.
#include <cmath>
#include <nlohmann/json.hpp>

#include "evenkeel/report/profile_table.h"
#include "evenkeel/report/run_curves.h"
#include "evenkeel/report/run_report.h"
#include "evenkeel/report/run_sections.h"

namespace evenkeel {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  Json json = Json::object();
  for (const auto& [key, value] : settings) json[key] = value;
  return json;
}

Json json_of(const std::optional<MetricsRow>& row) {
  if (!row) return nullptr;
  return {{"step", row->step}, {"accuracy", row->accuracy}, {"loss", row->loss}};
}

Json json_of(const RunOutcome& outcome) {
  return {{"step", outcome.step},          {"epoch", outcome.epoch},
          {"seconds", outcome.seconds},    {"images_per_second", outcome.images_per_second},
          {"test", json_of(outcome.test)}, {"best_validation", json_of(outcome.best_validation)}};
}

Json curves_json(const std::vector<MetricsRow>& rows) {
  Json curves = Json::array();
  for (const Curve& curve : curves_of(rows, RunDetail{}.points)) {
    Json series = Json::array();
    for (const ChartSeries& each : curve.chart.series)
      series.push_back({{"name", each.name}, {"steps", each.x}, {"values", each.y}});
    curves.push_back({{"title", curve.chart.title}, {"series", std::move(series)}});
  }
  return curves;
}

Json json_of(const std::optional<Counted>& counted) {
  if (!counted) return nullptr;
  return {{"low", counted->low}, {"high", counted->high}, {"counts", counted->counts}};
}

Json json_of(const NormNumbers& norm) {
  return {{"layer", norm.layer},
          {"channels", norm.channels},
          {"updates", norm.updates ? Json(*norm.updates) : Json(nullptr)},
          {"epsilon", norm.epsilon},
          {"frozen", norm.frozen},
          {"gamma", json_of(norm.gamma)},
          {"log10_deviation", json_of(norm.deviation)}};
}

Json json_of(const Finding& finding) {
  return {{"severity", to_string(finding.severity)},
          {"id", finding.id},
          {"layer", finding.layer},
          {"evidence", finding.evidence},
          {"numbers", finding.numbers},
          {"why", finding.why},
          {"fix", finding.fix}};
}

Json confusion_json(const RunLook& look) {
  if (!look.judged) return nullptr;
  const Confusion& confusion = look.judged->confusion;
  Json classes = Json::array();
  for (std::int64_t i = 0; i < confusion.classes; ++i) {
    Json counts = Json::array();
    for (std::int64_t k = 0; k < confusion.classes; ++k) counts.push_back(confusion.count(i, k));
    classes.push_back({{"name", class_name(look, i)},
                       {"images", confusion.images_of(i)},
                       {"recall", confusion.recall(i)},
                       {"precision", confusion.precision(i)},
                       {"predicted", std::move(counts)}});
  }
  return {{"split", look.split},          {"images", confusion.images},
          {"correct", confusion.correct}, {"accuracy", confusion.accuracy()},
          {"loss", confusion.loss},       {"classes", std::move(classes)}};
}

Json mistakes_json(const RunLook& look) {
  Json mistakes = Json::array();
  if (!look.judged) return mistakes;
  for (const Mistake& each : look.judged->worst)
    mistakes.push_back({{"index", each.index},
                        {"label", each.label},
                        {"predicted", each.predicted},
                        {"label_probability", each.label_probability},
                        {"predicted_probability", each.predicted_probability},
                        {"loss", each.loss}});
  return mistakes;
}

Json filters_json(const std::optional<FirstFilters>& filters) {
  if (!filters) return nullptr;
  return {{"layer", filters->layer},
          {"tensor", filters->tensor},
          {"shape", filters->shape.dims()},
          {"largest", filters->largest}};
}

Json profile_json(const RunLook& look) {
  if (!look.profile) return nullptr;
  Json rows = Json::array();
  for (const ProfileRow& row : profile_rows(*look.profile))
    rows.push_back({{"phase", row.phase},
                    {"kind", row.kind},
                    {"step", row.step},
                    {"kernel", row.kernel},
                    {"milliseconds", row.milliseconds},
                    {"percent", row.percent},
                    {"gflops_per_second", row.gflops}});
  return {{"steps", look.profile->runs},
          {"batch", look.profile_batch},
          {"threads", look.profile_threads},
          {"seconds", look.profile->seconds},
          {"rows", std::move(rows)}};
}

Json json_of(const RunLook& look) {
  Json norms = Json::array();
  for (const NormNumbers& norm : look.norms) norms.push_back(json_of(norm));
  Json findings = Json::array();
  for (const Finding& finding : look.findings) findings.push_back(json_of(finding));
  return {{"checkpoint", look.checkpoint},
          {"step", look.step},
          {"best", look.best},
          {"model", look.model},
          {"data", look.data},
          {"missing", look.missing},
          {"norms", std::move(norms)},
          {"findings", std::move(findings)},
          {"findings_with_data", look.findings_with_data},
          {"confusion", confusion_json(look)},
          {"mistakes", mistakes_json(look)},
          {"first_filters", filters_json(look.filters)},
          {"profile", profile_json(look)}};
}

}  // namespace

std::string run_json(const std::vector<ReportedRun>& runs, const std::string& page) {
  Json json = {{"event", "report"}, {"page", page}, {"runs", Json::array()}};
  for (const ReportedRun& run : runs)
    json["runs"].push_back({{"name", run.record.name},
                            {"folder", run.record.folder.string()},
                            {"state", to_string(run.record.state)},
                            {"settings", json_of(run.record.settings)},
                            {"remarks", run.record.remarks},
                            {"outcome", json_of(outcome_of(run.record))},
                            {"curves", curves_json(run.record.rows)},
                            {"look", run.look ? json_of(*run.look) : Json(nullptr)}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace evenkeel
