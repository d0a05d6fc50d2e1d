// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/run_tables.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "evenkeel/formats/json_text.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using Align = TextTable::Align;
using Json = nlohmann::ordered_json;

// "2026-02-28 09:07" of "2026-02-28T09:07:05Z".
std::string minute_of(std::string time) {
  if (time.size() < 16) return time;
  time.resize(16);
  time[10] = ' ';
  return time;
}

std::string accuracy_cell(const std::optional<MetricsRow>& row) {
  return row && std::isfinite(row->accuracy) ? fmt::format("{:.4f}", row->accuracy) : "";
}

std::string loss_text(const std::optional<MetricsRow>& row) {
  return row && std::isfinite(row->loss) ? fmt::format("{:.4f}", row->loss) : "";
}

std::string epochs_text(const ListedRun& run) {
  const std::string done = value_of(run, "epoch");
  const std::string all = value_of(run, "epochs");
  if (done.empty() && all.empty()) return "";
  return (done.empty() ? "0" : done) + (all.empty() ? "" : "/" + all);
}

// As a number where it is one.
Json json_of(const std::string& value) {
  if (value.empty()) return {};
  const Json number = Json::parse(value, nullptr, false);
  return number.is_number() ? number : Json(value);
}

std::vector<const RecordedRun*> recorded(const std::vector<ListedRun>& runs) {
  std::vector<const RecordedRun*> result;
  result.reserve(runs.size());
  for (const ListedRun& run : runs) result.push_back(&run.run);
  return result;
}

// What runs came to, by name: the text of a table's cell, and a number or text for JSON.
struct Result {
  const char* name;
  const char* key;
  std::string (*text)(const ListedRun&);
  Json (*json)(const ListedRun&);
};

Json finite(double number) { return std::isfinite(number) ? Json(number) : Json(); }
Json accuracy_json(const std::optional<MetricsRow>& row) {
  return row ? finite(row->accuracy) : Json();
}
Json loss_json(const std::optional<MetricsRow>& row) { return row ? finite(row->loss) : Json(); }

const std::vector<Result>& results() {
  using Run = const ListedRun&;
  static const std::vector<Result> all = {
      {"state", "state", [](Run r) { return r.state; }, [](Run r) { return Json(r.state); }},
      {"epochs", "epoch", epochs_text, [](Run r) { return json_of(value_of(r, "epoch")); }},
      {"steps", "step", [](Run r) { return value_of(r, "step"); },
       [](Run r) { return json_of(value_of(r, "step")); }},
      {"training loss", "training_loss", [](Run r) { return loss_text(r.outcome.last_epoch); },
       [](Run r) { return loss_json(r.outcome.last_epoch); }},
      {"training accuracy", "training_accuracy",
       [](Run r) { return accuracy_cell(r.outcome.last_epoch); },
       [](Run r) { return accuracy_json(r.outcome.last_epoch); }},
      {"best validation accuracy", "validation_accuracy",
       [](Run r) { return accuracy_cell(r.outcome.best_validation); },
       [](Run r) { return accuracy_json(r.outcome.best_validation); }},
      {"its loss", "validation_loss", [](Run r) { return loss_text(r.outcome.best_validation); },
       [](Run r) { return loss_json(r.outcome.best_validation); }},
      {"test accuracy", "test_accuracy", [](Run r) { return accuracy_cell(r.outcome.test); },
       [](Run r) { return accuracy_json(r.outcome.test); }},
      {"test loss", "test_loss", [](Run r) { return loss_text(r.outcome.test); },
       [](Run r) { return loss_json(r.outcome.test); }},
      {"seconds", "seconds",
       [](Run r) {
         const double seconds = r.outcome.seconds;
         return std::isfinite(seconds) ? fmt::format("{:.1f}", seconds) : std::string();
       },
       [](Run r) { return finite(r.outcome.seconds); }},
      {"images/s", "images_per_second",
       [](Run r) {
         const double rate = r.outcome.images_per_second;
         return std::isfinite(rate) ? with_thousands(std::llround(rate)) : std::string();
       },
       [](Run r) { return finite(r.outcome.images_per_second); }},
  };
  return all;
}

}  // namespace

std::string runs_table(const std::vector<ListedRun>& runs) {
  TextTable table({{"name", Align::left},
                   {"state", Align::left},
                   {"model", Align::left},
                   {"data", Align::left},
                   {"epochs"},
                   {"steps"},
                   {"validation"},
                   {"test"},
                   {"lr"},
                   {"batch"},
                   {"optimizer", Align::left},
                   {"when (UTC)", Align::left}});
  std::string faults;
  for (const ListedRun& run : runs) {
    table.add({run.name, run.state, value_of(run, "model"), value_of(run, "data"), epochs_text(run),
               value_of(run, "step"), accuracy_cell(run.outcome.best_validation),
               accuracy_cell(run.outcome.test), value_of(run, "lr"), value_of(run, "batch"),
               value_of(run, "optimizer"), minute_of(run.started)});
    if (!run.fault.empty()) faults += run.name + ": " + run.fault + "\n";
  }
  return table.text() + faults;
}

std::string to_json(const ListedRun& run) {
  Json json = {{"event", "run"}, {"name", run.name}, {"folder", run.folder.string()}};
  json["state"] = run.state;
  for (const char* key : {"model", "data", "optimizer"}) {
    const std::string value = value_of(run, key);
    json[key] = value.empty() ? Json() : Json(value);
  }
  json["learning_rate"] = json_of(value_of(run, "lr"));
  for (const char* key : {"batch", "epoch", "epochs", "step"})
    json[key] = json_of(value_of(run, key));
  json["validation_accuracy"] = accuracy_json(run.outcome.best_validation);
  json["validation_loss"] = loss_json(run.outcome.best_validation);
  json["test_accuracy"] = accuracy_json(run.outcome.test);
  json["test_loss"] = loss_json(run.outcome.test);
  json["started"] = run.started;
  if (!run.fault.empty()) json["fault"] = run.fault;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string comparison_table(const std::vector<ListedRun>& runs) {
  std::vector<TextTable::Column> columns = {{"", Align::left}};
  columns.reserve(runs.size() + 1);
  for (const ListedRun& run : runs) columns.push_back({run.name, Align::right});
  TextTable table(columns);
  const auto add = [&](const std::string& name, std::vector<std::string> cells) {
    cells.insert(cells.begin(), name);
    table.add(std::move(cells));
  };
  const std::vector<DifferingSetting> settings = differing_settings(recorded(runs));
  for (const DifferingSetting& setting : settings) add(setting.key, setting.values);
  if (settings.empty()) add("all settings are the same", {});
  table.rule();
  for (const Result& result : results()) {
    std::vector<std::string> cells;
    bool any = false;
    for (const ListedRun& run : runs) {
      cells.push_back(result.text(run));
      any = any || !cells.back().empty();
    }
    if (any) add(result.name, std::move(cells));
  }
  std::string text = table.text();
  for (const ListedRun& run : runs)
    if (!run.fault.empty()) text += run.name + ": " + run.fault + "\n";
  return text;
}

std::string comparison_json(const std::vector<ListedRun>& runs) {
  Json json = {{"event", "compare"}, {"runs", Json::array()}};
  for (const ListedRun& run : runs) json["runs"].push_back(run.folder.string());
  json["settings"] = Json::object();
  for (const DifferingSetting& setting : differing_settings(recorded(runs)))
    json["settings"][setting.key] = setting.values;
  json["results"] = Json::object();
  for (const Result& result : results())
    for (const ListedRun& run : runs) json["results"][result.key].push_back(result.json(run));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace evenkeel
