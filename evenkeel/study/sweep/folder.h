// SPDX-License-Identifier: Apache-2.0
// The folder of a sweep: sweep.json with its plan and what has come of it, recipes/<run>.toml,
// errors/<run>.txt of runs that failed, one run's folder beside the other, sweep.html at the end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/os_lock.h"
#include "evenkeel/study/sweep/result.h"

namespace evenkeel::sweep {

// A run as it is now.
struct RunState {
  Result result = {};
  std::size_t rungs = 0;  // that it has done, of asha
};

struct Sweep {
  Plan plan;
  std::vector<Trial> trials;
  std::vector<RunState> states;  // of each trial
};

class SweepFolder {
 public:
  // InvalidArgument for a folder that open() would refuse, saying what differs; changes nothing.
  static void require_usable(const std::filesystem::path& path, const Sweep& sweep);
  // A new or empty folder, or one of the very same plan: goes on there, and holds it.
  // RuntimeFailure where another process does.
  static SweepFolder open(const std::filesystem::path& path, const Sweep& sweep);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path run_path(const Trial& trial) const { return path_ / trial.name; }
  std::filesystem::path recipe_path(const Trial& trial) const;
  std::filesystem::path errors_path(const Trial& trial) const;
  bool begun(const Trial& trial) const;  // the run's folder is there, and so is its recipe

  // What runs have come to, from sweep.json and their folders.
  std::vector<RunState> states(const Sweep& sweep) const;
  // One alone, whose process has just ended or is under way.
  Result look_at(const Trial& trial) const { return read_result(run_path(trial)); }
  void write(const Sweep& sweep) const;
  // The page, beside sweep.json; gives its path.
  std::filesystem::path write_page(const std::string& html) const;

 private:
  SweepFolder(std::filesystem::path path, os::FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  os::FileLock lock_;
};

// Plan, runs, importance: sweep.json. docs/tuning.md lists the keys.
std::string to_json(const Sweep& sweep);
// One of its runs, on one line.
std::string run_json(const Sweep& sweep, std::size_t trial);

}  // namespace evenkeel::sweep
