// SPDX-License-Identifier: Apache-2.0
// The order in which a step's nodes run, and where that order is cut into phases.
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// What cutting needs to know of one node; all of it numbers, so that it is tested without kernels.
struct Task {
  PhaseKind kind = PhaseKind::whole;
  std::int64_t extent = 1;
  std::int64_t slice_bytes = 0;  // what a slice of it occupies while its phase runs
  std::vector<int> after;        // tasks that must have run
  // Of those, the ones that must lie in an earlier phase: their result is read beyond the own
  // slice, or they read what this one overwrites.
  std::vector<int> earlier;
  bool before_guard = false;  // the guard waits for it
  bool updates = false;       // writes state: as early as its inputs and other readers allow
};

// Tasks of one phase, in order. Phases before `guard` (their number) run before the guard.
// (Schedule is the learning rate's.)
struct PhaseSchedule {
  std::vector<std::vector<int>> phases;
  int guard = 0;
};

// List scheduling: first all that the guard waits for, then the rest. Of the tasks that are ready,
// one that joins the current phase comes first, then one that updates state (its gradient need not
// be kept), then one off the samples grid (so that a phase over samples, once opened, is not cut by
// a task it could have waited for), then the earliest. A task joins a phase of its own kind and
// extent if it reads no whole result of that phase, and the slice still fits `cache_bytes`.
PhaseSchedule schedule(const std::vector<Task>& tasks, std::int64_t cache_bytes);

}  // namespace evenkeel
