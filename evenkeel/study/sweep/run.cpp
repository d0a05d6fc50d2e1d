// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/run.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <span>
#include <thread>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/study/processes.h"
#include "evenkeel/study/sweep/asha.h"
#include "evenkeel/train/run_lock.h"

namespace evenkeel::sweep {
namespace {

namespace fs = std::filesystem;
using SweepClock = std::chrono::steady_clock;

// A process of a sweep that was killed saves and ends; no other has a place there.
void require_free(const SweepFolder& folder, const Sweep& sweep) {
  constexpr std::chrono::seconds kLongest(20);
  const auto give_up = SweepClock::now() + kLongest;
  for (const Trial& trial : sweep.trials) {
    while (run_in_use(folder.run_path(trial))) {
      if (SweepClock::now() > give_up)
        throw RuntimeFailure(folder.run_path(trial).string(),
                             "another process is at work there; wait for it, or end it");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

// From the last whole row that a run has written.
double epochs_under_way(const fs::path& run, std::int64_t steps_of_epoch) {
  constexpr std::streamoff kEnough = 4096;
  std::ifstream file(run / "metrics.jsonl", std::ios::ate);
  if (!file) return 0;
  file.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(file.tellg()) - kEnough));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(std::min(text.size(), text.rfind('\n') + 1));
  const auto number_behind = [&](const char* key) {
    const std::size_t at = text.rfind(key);
    double number = 0;
    if (at == std::string::npos) return number;
    const char* const begin = text.data() + at + std::strlen(key);
    std::from_chars(begin, text.data() + text.size(), number);
    return number;
  };
  if (steps_of_epoch > 0) return number_behind("\"step\":") / static_cast<double>(steps_of_epoch);
  return std::max(0.0, number_behind("\"epoch\":") - 1);
}

class Runner {
 public:
  Runner(const SweepFolder& folder, Sweep& sweep, const RunOptions& options)
      : folder_(folder),
        sweep_(sweep),
        options_(options),
        asha_(sweep.plan.strategy == Strategy::asha),
        rungs_(asha_ ? rungs_of(sweep.plan) : std::vector<std::int64_t>{}) {
    for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
      Result& result = sweep.states[i].result;
      if (result.status == Status::failed) result.status = Status::unfinished;
      if (!asha_ && !settled(i)) waiting_.push_back(i);
    }
    epochs_at_start_ = epochs_done();
  }

  bool run() {
    ProcessOptions processes;
    processes.jobs = options_.jobs;
    processes.next = [this] { return next(); };
    processes.ended = [this](std::size_t trial, int code) { ended(trial, code); };
    processes.stop = options_.stop;
    if (options_.on_progress) processes.tick = [this] { tell(); };
    return run_processes(processes);
  }

 private:
  bool settled(std::size_t trial) const {
    const Status status = sweep_.states[trial].result.status;
    return status == Status::done || status == Status::diverged;
  }

  std::optional<Work> next() {
    std::optional<AshaStep> step;
    if (asha_) {
      step = next_step(asha_trials(), rungs_.size(), kReduction);
    } else if (!waiting_.empty()) {
      step = AshaStep{waiting_.front(), 0};
      waiting_.erase(waiting_.begin());
    }
    if (!step) return std::nullopt;
    return start(step->trial,
                 asha_ ? rungs_[step->rung] : sweep_.trials[step->trial].recipe.epochs);
  }

  Work start(std::size_t i, std::int64_t until) {
    const Trial& trial = sweep_.trials[i];
    RunTask task = {{}, folder_.run_path(trial), until};
    if (!folder_.begun(trial)) {
      task.recipe = folder_.recipe_path(trial);
      const std::string text = to_toml(trial.recipe);
      os::write_file_atomically(task.recipe, std::as_bytes(std::span(text)));
    }
    working_.insert(i);
    sweep_.states[i].result.status = Status::unfinished;
    return {i, options_.words(task), "/dev/null", folder_.errors_path(trial)};
  }

  std::vector<AshaTrial> asha_trials() const {
    std::vector<AshaTrial> trials;
    for (std::size_t i = 0; i < sweep_.states.size(); ++i) {
      const RunState& state = sweep_.states[i];
      AshaTrial trial;
      trial.running = working_.count(i) > 0;
      trial.over = !trial.running && (state.result.status == Status::diverged ||
                                      state.result.status == Status::failed);
      for (std::size_t rung = 0; rung < state.rungs; ++rung) {
        const auto look = best_look(state.result, sweep_.plan.metric, rungs_[rung]);
        trial.scores.push_back(look ? score_of(*look, sweep_.plan.metric) : std::nan(""));
      }
      trials.push_back(std::move(trial));
    }
    return trials;
  }

  void ended(std::size_t i, int code) {
    working_.erase(i);
    const Trial& trial = sweep_.trials[i];
    RunState& state = sweep_.states[i];
    const fs::path said = folder_.errors_path(trial);
    const std::string errors = os::file_identity(said) ? os::read_text(said) : "";
    state.result = folder_.look_at(trial);
    state.result.status = status_of(code, errors);
    if (code == 0) {
      std::error_code ignored;
      fs::remove(folder_.errors_path(trial), ignored);
      if (asha_ && ++state.rungs < rungs_.size()) state.result.status = Status::unfinished;
    } else if (state.result.status == Status::failed && options_.stop && options_.stop()) {
      state.result.status = Status::unfinished;
    } else {
      state.result.error = first_error(errors);
      if (state.result.error.empty())
        state.result.error = "ended with exit code " + std::to_string(code);
    }
    folder_.write(sweep_);
    if (options_.on_ended && (code == 0 || state.result.status != Status::unfinished))
      options_.on_ended(i);
  }

  double epochs_of(std::size_t i) const {
    const Result& result = sweep_.states[i].result;
    const Trial& trial = sweep_.trials[i];
    if (settled(i) || result.status == Status::failed)
      return static_cast<double>(trial.recipe.epochs);
    if (working_.count(i) > 0) return epochs_under_way(folder_.run_path(trial), steps_of_epoch(i));
    return result.looks.empty() ? 0 : static_cast<double>(result.looks.back().epoch);
  }

  double epochs_done() const {
    double epochs = 0;
    for (std::size_t i = 0; i < sweep_.trials.size(); ++i) epochs += epochs_of(i);
    return epochs;
  }

  // As any run with the same batches has had; 0: none has come to an epoch's end.
  std::int64_t steps_of_epoch(std::size_t i) const {
    for (std::size_t j = 0; j < sweep_.trials.size(); ++j) {
      const auto& looks = sweep_.states[j].result.looks;
      if (looks.empty() || sweep_.trials[j].recipe.batch != sweep_.trials[i].recipe.batch) continue;
      if (looks.back().epoch > 0) return looks.back().step / looks.back().epoch;
    }
    return 0;
  }

  double epochs_in_all() const {
    const auto count = static_cast<double>(sweep_.trials.size());
    double epochs = 0;
    if (!asha_)
      for (const Trial& trial : sweep_.trials) epochs += static_cast<double>(trial.recipe.epochs);
    double share = 1;
    for (std::size_t rung = 0; rung < rungs_.size(); ++rung, share /= kReduction)
      epochs += std::max(1.0, std::floor(count * share)) *
                static_cast<double>(rungs_[rung] - (rung == 0 ? 0 : rungs_[rung - 1]));
    return epochs;
  }

  void tell() {
    if (SweepClock::now() - told_ < std::chrono::seconds(1)) return;
    told_ = SweepClock::now();
    SweepProgress progress;
    progress.runs = std::ssize(sweep_.trials);
    for (std::size_t i = 0; i < sweep_.trials.size(); ++i)
      progress.ended += settled(i) || sweep_.states[i].rungs > 0 ? 1 : 0;
    const double to_do = epochs_in_all() - epochs_at_start_;
    if (to_do > 0) progress.share = std::min(1.0, (epochs_done() - epochs_at_start_) / to_do);
    options_.on_progress(progress);
  }

  const SweepFolder& folder_;
  Sweep& sweep_;
  const RunOptions& options_;
  bool asha_;
  std::vector<std::int64_t> rungs_;
  std::vector<std::size_t> waiting_;
  std::set<std::size_t> working_;
  double epochs_at_start_ = 0;
  SweepClock::time_point told_;
};

}  // namespace

bool make_runs(const SweepFolder& folder, Sweep& sweep, const RunOptions& options) {
  require_free(folder, sweep);
  return Runner(folder, sweep, options).run();
}

}  // namespace evenkeel::sweep
