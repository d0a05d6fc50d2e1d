// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/run_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_lock.h"
#include "evenkeel/base/os_machine.h"
#include "evenkeel/study/run_files.h"
#include "evenkeel/train/run_environment.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

bool has_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// Of make_next_run_folder(): "017-mnist-cnn".
bool has_name_of_a_run(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::size_t digits = name.find_first_not_of("0123456789");
  return digits != std::string::npos && digits >= 3 && name[digits] == '-';
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) folders.push_back(at->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

bool has_checkpoints(const fs::path& folder) {
  try {
    return !checkpoints_in(folder).empty();
  } catch (const DataError&) {
    return false;
  }
}

// What is there, but is none of what it ought to be.
bool damaged(const RecordedRun& run) {
  std::error_code error;
  const auto size = fs::file_size(run.folder / "metrics.jsonl", error);
  return (has_file(run.folder / "run.json") && run.notes.empty()) ||
         (has_file(run.folder / "recipe.toml") && !run.has_recipe) ||
         (!error && size > 0 && run.rows.empty());
}

std::string state_of(const RecordedRun& run, bool checkpoints) {
  switch (run.state) {
    case RunState::training:
      return "running";
    case RunState::finished:
      return "done";
    case RunState::interrupted:
      return "interrupted";
    case RunState::unknown:
    default:
      return checkpoints ? "unknown" : "empty";
  }
}

// Of the folder's newest file, or its own.
std::string time_of_files(const fs::path& folder) {
  std::int64_t newest = 0;
  if (const auto identity = os::file_identity(folder)) newest = identity->modified_ns;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    try {
      if (const auto identity = os::file_identity(at->path()))
        newest = std::max(newest, identity->modified_ns);
    } catch (const DataError&) {
    }
  }
  return newest > 0 ? os::utc_text(static_cast<double>(newest) * 1e-9) : "";
}

std::string started_of(const fs::path& folder) {
  try {
    const std::vector<Session> sessions = read_sessions(folder);
    if (!sessions.empty() && !sessions.back().started.empty()) return sessions.back().started;
  } catch (const DataError&) {
  }
  return time_of_files(folder);
}

std::string text(double number) { return std::isnan(number) ? "" : fmt::format("{}", number); }

std::string accuracy_of(const std::optional<MetricsRow>& row) {
  return row ? text(row->accuracy) : "";
}

// "" where it has none. A recipe's texts have quotes.
std::string setting_of(const RecordedRun& run, const std::string& key) {
  for (const auto& [name, value] : run.settings) {
    if (name != key && !name.ends_with("." + key)) continue;
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
    return value.substr(1, value.size() - 2);
  }
  return "";
}

// By the recipe's name, else as notes have it.
std::string setting_of(const RecordedRun& run, const char* key, const char* note) {
  const std::string value = setting_of(run, key);
  return value.empty() ? setting_of(run, note) : value;
}

}  // namespace

ListedRun list_run(const fs::path& folder) {
  ListedRun listed;
  listed.name = name_of_run(folder);
  listed.folder = folder;
  listed.run.folder = folder;
  listed.started = started_of(folder);
  const bool checkpoints = has_checkpoints(folder);
  if (!has_files_of_a_run(folder) && !checkpoints) {
    listed.state = os::is_locked(folder / "lock") ? "running" : "empty";
    return listed;
  }
  try {
    listed.run = read_recorded_run(folder);
    listed.outcome = outcome_of(listed.run);
    listed.state = state_of(listed.run, checkpoints);
    if (!damaged(listed.run)) return listed;
    for (const std::string& remark : listed.run.remarks)
      listed.fault += (listed.fault.empty() ? "" : "; ") + remark;
  } catch (const Error& error) {
    listed.fault = error.what();
  }
  listed.state = "damaged";
  return listed;
}

RunList list_runs(const fs::path& folder) {
  RunList list;
  if (has_files_of_a_run(folder) || has_checkpoints(folder)) {
    list.runs.push_back(list_run(folder));
    return list;
  }
  for (const fs::path& each : folders_in(folder)) {
    const std::vector<fs::path> inside = folders_in(each);
    if (has_files_of_a_run(each) || has_checkpoints(each))
      list.runs.push_back(list_run(each));
    else if (std::any_of(inside.begin(), inside.end(), has_files_of_a_run))
      list.others.push_back(each);
    else if (has_name_of_a_run(each) && !has_file(each / "study.json"))
      list.runs.push_back(list_run(each));
  }
  std::stable_sort(list.runs.begin(), list.runs.end(), [](const ListedRun& a, const ListedRun& b) {
    return a.started != b.started ? a.started > b.started : a.name > b.name;
  });
  return list;
}

std::string value_of(const ListedRun& run, const std::string& key) {
  if (key == "name") return run.name;
  if (key == "state") return run.state;
  if (key == "started") return run.started;
  if (key == "epoch") return run.outcome.epoch > 0 ? std::to_string(run.outcome.epoch) : "";
  if (key == "step") return run.outcome.step > 0 ? std::to_string(run.outcome.step) : "";
  if (key == "validation") return accuracy_of(run.outcome.best_validation);
  if (key == "test") return accuracy_of(run.outcome.test);
  if (key == "model") return setting_of(run.run, "model.name", "model");
  if (key == "data") return setting_of(run.run, "data.name", "data");
  if (key == "lr") return setting_of(run.run, "train.lr", "learning_rate");
  if (key == "optimizer") return setting_of(run.run, "optimizer.name", "optimizer");
  if (key == "epochs") return setting_of(run.run, "train.epochs", "epochs");
  if (key == "batch") return setting_of(run.run, "train.batch", "batch");
  return setting_of(run.run, key);
}

const std::vector<std::string>& run_keys() {
  static const std::vector<std::string> keys = {
      "name",       "state", "model", "data",  "epoch",     "epochs", "step",
      "validation", "test",  "lr",    "batch", "optimizer", "started"};
  return keys;
}

}  // namespace evenkeel
