// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/schedule.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <fstream>
#include <list>
#include <thread>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os_child.h"

namespace evenkeel::compare {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks(50);

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

class Scheduler {
 public:
  Scheduler(const StudyFolder& folder, const ScheduleOptions& options)
      : folder_(folder), options_(options) {
    for (const Run& run : runs_of(folder.study()))
      if (folder.finished(run))
        ++progress_.finished;
      else
        waiting_.push_back(run);
    progress_.runs = progress_.finished + std::ssize(waiting_);
    progress_.steps = std::ssize(waiting_) * folder.study().steps;
  }

  bool run() {
    while (!waiting_.empty() || !working_.empty()) {
      if (options_.stop && options_.stop()) return false;
      while (!waiting_.empty() && std::ssize(working_) < options_.jobs) start();
      const bool ended = collect();
      tell();
      if (!ended) std::this_thread::sleep_for(kBetweenLooks);
    }
    return true;
  }

 private:
  struct Working {
    Run run;
    os::ChildProcess process;
  };

  void start() {
    const Run run = waiting_.front();
    waiting_.pop_front();
    working_.push_back({run, os::ChildProcess(options_.words(run), folder_.progress_path(run),
                                              folder_.errors_path(run))});
  }

  // Takes those away that have ended.
  bool collect() {
    bool any = false;
    for (auto each = working_.begin(); each != working_.end();) {
      const auto code = each->process.ended();
      if (!code) {
        ++each;
        continue;
      }
      any = true;
      const Run run = each->run;
      finish(run, *code);
      each = working_.erase(each);
    }
    return any;
  }

  void finish(const Run& run, int code) {
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
    for (const Working& each : working_)
      progress_.steps_done += steps_told(folder_.progress_path(each.run));
    options_.on_progress(progress_);
  }

  const StudyFolder& folder_;
  const ScheduleOptions& options_;
  std::deque<Run> waiting_;
  std::list<Working> working_;
  StudyProgress progress_;
  std::int64_t done_steps_ = 0;
};

}  // namespace

bool make_runs(const StudyFolder& folder, const ScheduleOptions& options) {
  return Scheduler(folder, options).run();
}

}  // namespace evenkeel::compare
