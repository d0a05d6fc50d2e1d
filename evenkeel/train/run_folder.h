// SPDX-License-Identifier: Apache-2.0
// The folder of a run: its checkpoints "step-00000858.safetensors" (completed steps), "best.json"
// naming the best of them, and "run.json" with the settings that it was started with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/evaluation.h"

namespace evenkeel {

// Makes "<parent>/NNN-<name>" with the first number behind all that are there.
EVENKEEL_API std::filesystem::path make_next_run_folder(const std::filesystem::path& parent,
                                                        const std::string& name);

EVENKEEL_API std::filesystem::path checkpoint_path(const std::filesystem::path& folder,
                                                   std::int64_t step);
// All of a folder, the newest first.
EVENKEEL_API std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& folder);

struct FoundCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
};
using Tell = std::function<void(const std::string&)>;

// The newest that can be read; `tell` hears of each damaged one. Empty where there is none at all;
// DataError where all are damaged.
EVENKEEL_API std::optional<FoundCheckpoint> newest_good_checkpoint(
    const std::filesystem::path& folder, const Tell& tell);

// A file, or a folder's newest good one. DataError where there is none.
EVENKEEL_API FoundCheckpoint open_checkpoint(const std::filesystem::path& path, const Tell& tell);

struct SetAside {
  std::filesystem::path path;  // its new place
  bool damaged = false;
  friend bool operator==(const SetAside&, const SetAside&) = default;
};
// Moves the checkpoints of later steps into "abandoned" within the folder: a run that goes on from
// `step` takes another course than the one that wrote them, and the newest is to be its own. Where
// there is one of the same step already, as "step-00000858.1.safetensors". The newest first.
// RuntimeFailure where one cannot be moved.
EVENKEEL_API std::vector<SetAside> set_aside_checkpoints_after(const std::filesystem::path& folder,
                                                               std::int64_t step);

// True of a folder that is empty, or as a run left it that ended before it could train: the disk
// was full, or it was killed. It has a lock and settings at most, which the next run writes anew.
EVENKEEL_API bool holds_nothing(const std::filesystem::path& folder);

// Removes what a run that was killed while saving left behind.
EVENKEEL_API void remove_unfinished(const std::filesystem::path& folder);

struct Best {
  std::int64_t step = 0;
  double accuracy = 0;
  double loss = 0;
};
// More accurate, or as accurate with a smaller loss.
EVENKEEL_API bool better(const Evaluation& evaluation, const std::optional<Best>& than);
// Empty where there is none, or none that can be read: the next evaluation writes it anew.
EVENKEEL_API std::optional<Best> read_best(const std::filesystem::path& folder);
EVENKEEL_API void write_best(const std::filesystem::path& folder, const Best& best);
// RuntimeFailure where best.json is there and cannot be removed.
EVENKEEL_API void remove_best(const std::filesystem::path& folder);

// Removes all checkpoints up to step `newest` but the last `keep_last` of them and the one that
// best.json names; nothing where keep_last is 0 or best.json cannot be read. Later ones do not
// count: a run that was resumed behind them writes them anew. RuntimeFailure where one cannot be
// removed.
EVENKEEL_API void remove_old_checkpoints(const std::filesystem::path& folder, std::int64_t newest,
                                         std::int64_t keep_last);

using Notes = std::map<std::string, std::string>;
// Empty where there is none. DataError where it is damaged.
EVENKEEL_API Notes read_run_notes(const std::filesystem::path& folder);
EVENKEEL_API void write_run_notes(const std::filesystem::path& folder, const Notes& notes);

}  // namespace evenkeel
