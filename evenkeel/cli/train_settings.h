// SPDX-License-Identifier: Apache-2.0
// What a run is made of: what was typed, the recipe that was named, what the run it resumes says,
// and the defaults.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/cli/arguments.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/recipe.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::cli {

// A recipe's file, not a network's name: one that ends in .toml, or any file that there is.
bool names_recipe(const std::string& text);

// The recipe's settings, then those of --set, then those of flags; a flag stands as its place.
std::vector<Setting> settings_of(const TrainArguments& arguments);

// `before`: the notes of the run to go on with; none for a new run. InvalidArgument for a value
// that makes no sense, or that contradicts what the run was trained with so far: names both.
// `reporting`: how that run reported, for what nobody has typed.
Recipe resolve(const TrainArguments& arguments, const Notes& before,
               const std::vector<Setting>& reporting = {});

// "moving statistics", "statistics recalibrated over 8,192 images".
std::string statistics_phrase(const Statistics& statistics);

}  // namespace evenkeel::cli
