// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/schedule.h"

#include <algorithm>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

class Scheduler {
 public:
  Scheduler(const std::vector<Task>& tasks, std::int64_t cache_bytes)
      : tasks_(tasks), cache_bytes_(cache_bytes), phase_(tasks.size(), -1) {}

  void run(bool before_guard) {
    close();
    while (true) {
      const int next = pick(before_guard);
      if (next < 0) return;
      if (!joins(next)) {
        close();
        open_ = true;
        bytes_ = 0;
        result_.phases.emplace_back();
      }
      bytes_ += tasks_[static_cast<std::size_t>(next)].slice_bytes;
      phase_[static_cast<std::size_t>(next)] = static_cast<int>(result_.phases.size()) - 1;
      result_.phases.back().push_back(next);
    }
  }

  void close() { open_ = false; }
  PhaseSchedule& result() { return result_; }

 private:
  bool done(int task) const { return phase_[static_cast<std::size_t>(task)] >= 0; }

  bool ready(int task) const {
    const Task& t = tasks_[static_cast<std::size_t>(task)];
    return !done(task) &&
           std::all_of(t.after.begin(), t.after.end(), [&](int before) { return done(before); });
  }

  bool joins(int task) const {
    if (!open_) return false;
    const Task& t = tasks_[static_cast<std::size_t>(task)];
    const Task& first = tasks_[static_cast<std::size_t>(result_.phases.back().front())];
    if (t.kind != first.kind || t.kind == PhaseKind::team || t.extent != first.extent) return false;
    if (t.kind == PhaseKind::samples && bytes_ + t.slice_bytes > cache_bytes_) return false;
    if (t.kind == PhaseKind::whole) return true;
    const int current = static_cast<int>(result_.phases.size()) - 1;
    return std::none_of(t.earlier.begin(), t.earlier.end(), [&](int source) {
      return phase_[static_cast<std::size_t>(source)] == current;
    });
  }

  int pick(bool before_guard) const {
    int best = -1;
    int best_rank = 4;
    for (int task = 0; task < static_cast<int>(tasks_.size()); ++task) {
      const Task& t = tasks_[static_cast<std::size_t>(task)];
      if (t.before_guard != before_guard || !ready(task)) continue;
      const int rank = joins(task) ? 0 : t.updates ? 1 : t.kind != PhaseKind::samples ? 2 : 3;
      if (rank < best_rank) {
        best = task;
        best_rank = rank;
      }
    }
    return best;
  }

  const std::vector<Task>& tasks_;
  std::int64_t cache_bytes_;
  std::vector<int> phase_;
  PhaseSchedule result_;
  bool open_ = false;
  std::int64_t bytes_ = 0;
};

}  // namespace

PhaseSchedule schedule(const std::vector<Task>& tasks, std::int64_t cache_bytes) {
  Scheduler scheduler(tasks, cache_bytes);
  scheduler.run(true);
  scheduler.result().guard = static_cast<int>(scheduler.result().phases.size());
  scheduler.run(false);
  std::size_t scheduled = 0;
  for (const auto& phase : scheduler.result().phases) scheduled += phase.size();
  if (scheduled != tasks.size())
    throw RuntimeFailure("schedule", "expected an order for all " + std::to_string(tasks.size()) +
                                         " tasks, found one for " + std::to_string(scheduled) +
                                         ": some wait for each other; please report it");
  return std::move(scheduler.result());
}

}  // namespace evenkeel
