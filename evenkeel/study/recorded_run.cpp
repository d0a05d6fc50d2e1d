// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/recorded_run.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_lock.h"
#include "evenkeel/recipe/recipe.h"
#include "evenkeel/study/run_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestText = std::size_t{1} << 20;

// "" where there is none; a remark where it cannot be read.
std::string text_of(const fs::path& path, std::vector<std::string>& remarks) {
  try {
    if (!os::file_identity(path)) return "";
    return os::read_text(path, kLargestText);
  } catch (const Error& error) {
    remarks.emplace_back(error.what());
    return "";
  }
}

void read_recipe_of(RecordedRun& run) {
  const fs::path path = run.folder / "recipe.toml";
  run.recipe = text_of(path, run.remarks);
  if (run.recipe.empty()) return;
  try {
    for (const Setting& setting : parse_settings(run.recipe, path.string()))
      run.settings.emplace_back(setting.key, to_toml(setting.value));
    run.has_recipe = true;
  } catch (const Error& error) {
    run.remarks.emplace_back(error.what());
  }
}

std::string why_no_rows(const fs::path& folder) {
  if (os::file_identity(folder / "metrics.jsonl"))
    return "metrics.jsonl has no rows yet, so there are no curves.";
  return "There is no metrics.jsonl in the folder, as in those of older versions: no curves, and "
         "no results but those of its checkpoints.";
}

void read_rows(RecordedRun& run) {
  try {
    run.rows =
        read_metrics(run.folder, [&](const std::string& text) { run.remarks.push_back(text); });
    if (run.rows.empty()) run.remarks.push_back(why_no_rows(run.folder));
  } catch (const Error& error) {
    run.remarks.emplace_back(error.what());
  }
}

RunState state_of(const RecordedRun& run) {
  if (os::is_locked(run.folder / "lock")) return RunState::training;
  if (run.rows.empty()) return RunState::unknown;
  return run.rows.back().event == "done" ? RunState::finished : RunState::interrupted;
}

double median(std::vector<double> values) {
  if (values.empty()) return MetricsRow::kUnknown;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Each process counts its own seconds: where they fall, another one went on.
double seconds_of(const std::vector<MetricsRow>& rows) {
  double before = 0;
  double last = MetricsRow::kUnknown;
  for (const MetricsRow& row : rows) {
    if (!std::isfinite(row.seconds)) continue;
    if (row.seconds < last) before += last;
    last = row.seconds;
  }
  return before + last;
}

bool better(const MetricsRow& row, const std::optional<MetricsRow>& than) {
  if (!std::isfinite(row.accuracy)) return false;
  if (!than || row.accuracy > than->accuracy) return true;
  return row.accuracy == than->accuracy && row.loss < than->loss;
}

const std::string* value_in(const RecordedRun& run, const std::string& key) {
  for (const auto& [name, value] : run.settings)
    if (name == key) return &value;
  return nullptr;
}

}  // namespace

std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::training:
      return "still training";
    case RunState::finished:
      return "finished";
    case RunState::interrupted:
      return "interrupted";
    case RunState::unknown:
    default:
      return "";
  }
}

RecordedRun read_recorded_run(const fs::path& path) {
  std::error_code error;
  RecordedRun run;
  run.name = name_of_run(path);
  if (fs::is_directory(path, error)) {
    run.folder = path;
    if (!has_files_of_a_run(path) && checkpoints_in(path).empty())
      throw DataError(path.string(),
                      "expected a run's folder, with run.json, metrics.jsonl or checkpoints; "
                      "'evenkeel train --out DIR' makes one, below runs/ where no DIR is given");
  } else if (fs::exists(path, error)) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
    if (!has_files_of_a_run(folder)) return run;
    run.folder = folder;
  } else {
    throw DataError(path.string(),
                    "expected a run's folder or a checkpoint, there is nothing of that name; "
                    "runs are below runs/ unless 'evenkeel train' was told --out");
  }
  try {
    run.notes = read_run_notes(run.folder);
  } catch (const DataError& fault) {
    run.remarks.emplace_back(fault.what());
  }
  read_recipe_of(run);
  if (!run.has_recipe) run.settings.assign(run.notes.begin(), run.notes.end());
  run.environment = text_of(run.folder / "environment.json", run.remarks);
  read_rows(run);
  run.best = read_best(run.folder);
  run.state = state_of(run);
  return run;
}

RunOutcome outcome_of(const RecordedRun& run) {
  RunOutcome outcome;
  std::vector<double> rates;
  std::optional<MetricsRow> done;
  for (const MetricsRow& row : run.rows) {
    outcome.step = std::max(outcome.step, row.step);
    outcome.epoch = std::max(outcome.epoch, row.epoch);
    if (row.event == "batch" && std::isfinite(row.images_per_second))
      rates.push_back(row.images_per_second);
    if (row.event == "epoch") outcome.last_epoch = row;
    if (row.event == "done") done = row;
    if (row.event != "evaluation") continue;
    if (row.split == "test") outcome.test = row;
    if (row.split == "validation" && better(row, outcome.best_validation))
      outcome.best_validation = row;
  }
  if (done && std::isfinite(done->accuracy)) {
    if (outcome.test && outcome.test->step == done->step) done->images = outcome.test->images;
    outcome.test = done;
  }
  if (rates.empty() && outcome.last_epoch) rates = {outcome.last_epoch->images_per_second};
  outcome.images_per_second = median(std::move(rates));
  outcome.seconds = seconds_of(run.rows);
  return outcome;
}

std::vector<DifferingSetting> differing_settings(const std::vector<const RecordedRun*>& runs) {
  std::vector<DifferingSetting> differing;
  std::vector<std::string> seen;
  for (const RecordedRun* run : runs)
    for (const auto& [key, value] : run->settings) {
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
      seen.push_back(key);
      DifferingSetting setting{key, {}};
      for (const RecordedRun* each : runs) {
        const std::string* found = value_in(*each, key);
        setting.values.push_back(found == nullptr ? "" : *found);
      }
      if (std::adjacent_find(setting.values.begin(), setting.values.end(), std::not_equal_to<>()) !=
          setting.values.end())
        differing.push_back(std::move(setting));
    }
  return differing;
}

}  // namespace evenkeel
