// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/schedule.h"

#include <charconv>
#include <deque>
#include <fstream>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/study/processes.h"

namespace evenkeel::compare {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A run prints its completed steps, a line each time.
std::int64_t steps_told(const std::filesystem::path& path) {
  const std::string text = text_of(path);
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos || end == 0) return 0;
  const std::size_t before = text.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  std::int64_t steps = 0;
  std::from_chars(text.data() + begin, text.data() + end, steps);
  return steps;
}

class CellScheduler {
 public:
  CellScheduler(const StudyFolder& folder, const ScheduleOptions& options)
      : folder_(folder), options_(options), runs_(runs_of(folder.study())) {
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (folder.finished(runs_[i]))
        ++progress_.finished;
      else
        waiting_.push_back(i);
    progress_.runs = progress_.finished + std::ssize(waiting_);
    progress_.steps = std::ssize(waiting_) * folder.study().steps;
  }

  bool run() {
    ProcessOptions processes;
    processes.jobs = options_.jobs;
    processes.next = [this] { return next(); };
    processes.ended = [this](std::size_t id, int code) { finish(id, code); };
    processes.stop = options_.stop;
    processes.tick = [this] { tell(); };
    return run_processes(processes);
  }

 private:
  std::optional<Work> next() {
    if (waiting_.empty()) return std::nullopt;
    const std::size_t id = waiting_.front();
    waiting_.pop_front();
    working_.insert(id);
    const Run& run = runs_[id];
    return Work{id, options_.words(run), folder_.progress_path(run), folder_.errors_path(run)};
  }

  void finish(std::size_t id, int code) {
    const Run& run = runs_[id];
    working_.erase(id);
    // A signal from the terminal reaches all at once.
    if (code != 0 && options_.stop && options_.stop()) return;
    if (code != 0 || !folder_.finished(run))
      throw RuntimeFailure(run.name, "expected the run to finish, it ended with exit code " +
                                         std::to_string(code) + "\n" +
                                         text_of(folder_.errors_path(run)));
    folder_.remove_leftovers(run);
    ++progress_.finished;
    done_steps_ += folder_.study().steps;
    if (options_.on_finished) options_.on_finished(run, folder_.record(run));
  }

  void tell() {
    if (!options_.on_progress) return;
    progress_.steps_done = done_steps_;
    for (const std::size_t id : working_)
      progress_.steps_done += steps_told(folder_.progress_path(runs_[id]));
    options_.on_progress(progress_);
  }

  const StudyFolder& folder_;
  const ScheduleOptions& options_;
  std::vector<Run> runs_;
  std::deque<std::size_t> waiting_;
  std::set<std::size_t> working_;
  StudyProgress progress_;
  std::int64_t done_steps_ = 0;
};

}  // namespace

bool make_runs(const StudyFolder& folder, const ScheduleOptions& options) {
  return CellScheduler(folder, options).run();
}

}  // namespace evenkeel::compare
