// SPDX-License-Identifier: Apache-2.0
// A trainer as a checkpoint left it, for commands that do not train.
#pragma once

#include <optional>
#include <string>

#include "evenkeel/train/run_folder.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {

// In a file of `recalibrate`: the number of images.
inline constexpr const char* kRecalibratedNote = "recalibrated";

// With the settings of its run, but for threads, kernels and math where they are given.
Trainer load_trainer(const FoundCheckpoint& found, const std::optional<int>& threads,
                     const std::optional<std::string>& kernels,
                     const std::optional<std::string>& math);
// That of its run where it isn't given.
Math math_of(const FoundCheckpoint& found, const std::optional<std::string>& given);

// Those that its predictions use: of the run, or as `recalibrate` noted them.
Statistics statistics_of(const Checkpoint& checkpoint);

// The data set that was asked for, or that the run was trained on. InvalidArgument where nobody
// says.
std::string data_name_of(const std::optional<std::string>& given, const FoundCheckpoint& found);

// The data set `name`, divided and read as the notes say where it is the one that their run trained
// on: its validation and test images are then those that the run did not train on.
Splits load_data_of_run(const Notes& notes, const std::string& name,
                        const std::filesystem::path& directory, bool skip_bad = false);

}  // namespace evenkeel::cli
