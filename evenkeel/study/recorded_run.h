// SPDX-License-Identifier: Apache-2.0
// What a run's folder tells without its network: settings, metrics, how far it came.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel {

// training: another process has the folder's lock. finished: metrics end with "done".
// interrupted: they do not, and nobody trains. unknown: there are no metrics.
enum class RunState { training, finished, interrupted, unknown };
// "still training", "finished", "interrupted", "".
EVENKEEL_API std::string_view to_string(RunState state);

struct RecordedRun {
  std::filesystem::path folder;  // empty: a checkpoint that lies in no run's folder
  std::string name;              // the folder's, or the checkpoint's
  RunState state = RunState::unknown;
  std::string recipe;       // recipe.toml as it stands; empty: none
  std::string environment;  // environment.json
  Notes notes;              // run.json
  // Those of the recipe, as "train.lr" and "0.01", in its order; without one, the notes.
  std::vector<std::pair<std::string, std::string>> settings;
  bool has_recipe = false;  // that can be read: settings are its own
  std::vector<MetricsRow> rows;
  std::optional<Best> best;          // best.json
  std::vector<std::string> remarks;  // files that were missing or damaged, and what that means
};

// Changes nothing in the folder. `path`: a run's folder, or a checkpoint in one or in none.
// DataError where there is neither; a file of the folder that cannot be read is a remark.
EVENKEEL_API RecordedRun read_recorded_run(const std::filesystem::path& path);

// What a run came to, by its metrics. NaN and empty: not known.
struct RunOutcome {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  double seconds = MetricsRow::kUnknown;            // of training, over all resumptions
  double images_per_second = MetricsRow::kUnknown;  // median
  std::optional<MetricsRow> test;                   // at the end, else the last
  std::optional<MetricsRow> best_validation;
  std::optional<MetricsRow> last_epoch;  // means over its batches
};
EVENKEEL_API RunOutcome outcome_of(const RecordedRun& run);

// Keys whose values are not the same in all of the runs, with the value of each run ("": it has
// none). In the order of the first run that has the key.
struct DifferingSetting {
  std::string key;
  std::vector<std::string> values;
};
EVENKEEL_API std::vector<DifferingSetting> differing_settings(
    const std::vector<const RecordedRun*>& runs);

}  // namespace evenkeel
