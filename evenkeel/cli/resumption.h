// SPDX-License-Identifier: Apache-2.0
// What --resume stands for, and the folder that a run writes to.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "evenkeel/cli/arguments.h"
#include "evenkeel/recipe/recipe.h"
#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/run_lock.h"

namespace evenkeel::cli {

// A checkpoint, or a folder that has none yet.
struct Resumption {
  std::optional<FoundCheckpoint> found;
  std::filesystem::path folder;  // to go on in; empty: a new one
  Notes notes;
  std::vector<Setting> reporting;  // [run] of the folder's recipe
  RunLock lock = {};               // of the folder, where it was looked into
};

// DataError where the checkpoint cannot be read, InvalidArgument for a folder in use.
Resumption resumption_of(const TrainArguments& arguments);

// InvalidArgument where --out is no folder that this run may write to.
void require_folder_to_write(const TrainArguments& arguments, const Resumption& resumption);

// The run's folder, made where it is not there.
std::filesystem::path folder_of(const TrainArguments& arguments, const Resumption& resumption,
                                const Recipe& recipe);

}  // namespace evenkeel::cli
