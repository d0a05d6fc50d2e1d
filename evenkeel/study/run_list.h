// SPDX-License-Identifier: Apache-2.0
// The runs of a folder: what each is and came to, chosen and sorted by their values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/study/recorded_run.h"

namespace evenkeel {

struct ListedRun {
  std::string name;
  std::filesystem::path folder;
  RecordedRun run;
  RunOutcome outcome;
  // done, interrupted, running (a process holds the folder), unknown (of a version without
  // metrics), empty, damaged
  std::string state;
  std::string fault;    // of a damaged one, what is wrong
  std::string started;  // "2026-02-28T09:07:05Z", its last process; by the files' times if need be
};

// A run's folder. Never fails: what cannot be read is damaged.
EVENKEEL_API ListedRun list_run(const std::filesystem::path& folder);

struct RunList {
  std::vector<ListedRun> runs;  // the newest first
  // Folders with runs in them, such as those of sweeps.
  std::vector<std::filesystem::path> others;
};
// All in `folder`, or the one that it is. None where there is no such folder.
EVENKEEL_API RunList list_runs(const std::filesystem::path& folder);

// What the keys below stand for; "" where the run has none. Others are those of settings:
// "train.lr", and "lr" for short.
EVENKEEL_API std::string value_of(const ListedRun& run, const std::string& key);
// name, state, model, data, epoch, epochs, step, validation, test, lr, batch, optimizer, started
EVENKEEL_API const std::vector<std::string>& run_keys();

// Those for which all conditions hold: KEY=VALUE (with * for any text), KEY!=VALUE, and KEY<VALUE,
// KEY<=VALUE, KEY>VALUE, KEY>=VALUE of numbers, or of texts where one is none. InvalidArgument for
// another form, and with the nearest one for a key that no run has.
EVENKEEL_API std::vector<ListedRun> filtered(std::vector<ListedRun> runs,
                                             const std::vector<std::string>& conditions);
// The largest number first, then texts by the alphabet, then runs without the value; equal ones
// stay in their order. InvalidArgument as above.
EVENKEEL_API void sort_by(std::vector<ListedRun>& runs, const std::string& key);

}  // namespace evenkeel
