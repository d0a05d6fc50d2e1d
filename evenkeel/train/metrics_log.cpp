// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/metrics_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/json_text.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kMetricsFile = "metrics.jsonl";
constexpr std::int64_t kMostSteps = std::int64_t{1} << 53;

std::string text_if_any(const fs::path& path) {
  return os::file_identity(path) ? os::read_text(path) : "";
}

// The lines that have an end, without it.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

double number_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : MetricsRow::kUnknown;
}

// 0 where there is none.
std::int64_t count_in(const Json& json, const char* key) {
  const double number = number_in(json, key);
  const bool good = number >= 0 && number <= static_cast<double>(kMostSteps);
  return good ? static_cast<std::int64_t>(number) : 0;
}

std::optional<MetricsRow> row_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto step = json.find("step");
  if (step == json.end() || !step->is_number_integer() || *step < 0 || *step > kMostSteps)
    return std::nullopt;
  MetricsRow row{text_in(json, "event"), text_in(json, "split"), count_in(json, "step"),
                 count_in(json, "epoch")};
  if (row.event.empty()) return std::nullopt;
  row.loss = number_in(json, "loss");
  row.accuracy = number_in(json, "accuracy");
  row.learning_rate = number_in(json, "learning_rate");
  row.images_per_second = number_in(json, "images_per_second");
  row.seconds = number_in(json, "seconds");
  row.images = count_in(json, "images");
  const auto best = json.find("best");
  row.best = best != json.end() && best->is_boolean() && best->get<bool>();
  return row;
}

// Empty for a line that is no row.
std::optional<MetricsRow> row_of(std::string_view line) {
  try {
    return from_json_text<Json>(line, [](const Json& json) { return row_of(json); });
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void tell_of(std::int64_t unreadable, const fs::path& path, const Tell& tell) {
  if (unreadable == 0 || !tell) return;
  tell(fmt::format("{}: {} {} no JSON with an event and a step, and left out", path.string(),
                   unreadable, unreadable == 1 ? "line is" : "lines are"));
}

fs::path metrics_path(const fs::path& folder) {
  return fs::is_directory(folder) ? folder / kMetricsFile : folder;
}

}  // namespace

std::string metrics_line(const MetricsRow& row) {
  Json json = {{"event", row.event}};
  if (row.event == "evaluation") json["split"] = row.split;
  json["step"] = row.step;
  if (row.event == "done") {
    json["seconds"] = row.seconds;
  } else {
    json["epoch"] = row.epoch;
  }
  json["loss"] = row.loss;
  json["accuracy"] = row.accuracy;
  if (row.event == "batch") json["learning_rate"] = row.learning_rate;
  if (row.event == "batch" || row.event == "epoch")
    json["images_per_second"] = row.images_per_second;
  if (row.event == "epoch") json["seconds"] = row.seconds;
  if (row.event == "evaluation") {
    json["images"] = row.images;
    json["best"] = row.best;
  }
  return json_text(std::move(json)) + "\n";
}

std::vector<MetricsRow> read_metrics(const fs::path& folder, const Tell& tell) {
  const fs::path path = metrics_path(folder);
  const std::string text = text_if_any(path);
  std::vector<MetricsRow> rows;
  std::int64_t unreadable = 0;
  for (const std::string_view line : whole_lines(text)) {
    if (auto row = row_of(line))
      rows.push_back(std::move(*row));
    else
      ++unreadable;
  }
  tell_of(unreadable, path, tell);
  return rows;
}

MetricsLog::MetricsLog(const fs::path& folder, std::int64_t step, const Tell& tell)
    : last_step_(step) {
  const fs::path path = folder / kMetricsFile;
  const std::string before = text_if_any(path);
  std::string kept;
  std::int64_t unreadable = 0;
  for (const std::string_view line : whole_lines(before)) {
    const auto row = row_of(line);
    if (row && (row->step > step || row->event == "done")) continue;
    if (row && row->step == step) there_.emplace(row->event, row->split);
    if (!row) ++unreadable;
    kept.append(line).append("\n");
  }
  tell_of(unreadable, path, tell);
  if (kept != before) os::write_file_atomically(path, std::as_bytes(std::span(kept)));
  file_.emplace(path);
}

bool MetricsLog::add(const MetricsRow& row) {
  if (row.step != last_step_) there_.clear();
  last_step_ = row.step;
  if (there_.contains({row.event, row.split})) return false;
  const std::string line = metrics_line(row);
  file_->append(std::as_bytes(std::span(line)));
  there_.emplace(row.event, row.split);
  return true;
}

}  // namespace evenkeel
