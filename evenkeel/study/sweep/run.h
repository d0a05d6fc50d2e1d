// SPDX-License-Identifier: Apache-2.0
// Makes the runs of a sweep that are not there yet, each a process of this program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evenkeel/study/sweep/folder.h"

namespace evenkeel::sweep {

// How far all runs are.
struct SweepProgress {
  std::int64_t ended = 0;  // runs, of asha those judged at least once
  std::int64_t runs = 0;
  double share = 0;  // of the epochs that this command has to do; of asha about
};

// What a process that makes a run has to do.
struct RunTask {
  std::filesystem::path recipe;  // to begin with; empty: the run's folder has it
  std::filesystem::path run;
  std::int64_t until = 0;  // epochs: pauses behind them, where the recipe has more
};

struct RunOptions {
  int jobs = 1;
  // The words that do it in a process of this program.
  std::function<std::vector<std::string>(const RunTask&)> words;
  std::function<bool()> stop = {};
  std::function<void(const SweepProgress&)> on_progress = {};  // about once a second
  // A run's process has ended; its state is in the sweep. With asha several times a run.
  std::function<void(std::size_t trial)> on_ended = {};
};

// Runs that failed are left as they are: a later call tries them again. False where `stop` ended
// it. RuntimeFailure where another process is at work on one of the runs.
bool make_runs(const SweepFolder& folder, Sweep& sweep, const RunOptions& options);

}  // namespace evenkeel::sweep
