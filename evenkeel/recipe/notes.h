// SPDX-License-Identifier: Apache-2.0
// A recipe as the notes of a checkpoint, which a resumed run goes on with.
#pragma once

#include "evenkeel/recipe/recipe.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel {

// What a run's course depends on; [run] is no part of it. Settings that older versions had no
// notes of are there where they differ from the default.
EVENKEEL_API Notes to_notes(const Recipe& recipe);
// Notes that are missing have their defaults. DataError for a damaged one.
EVENKEEL_API Recipe from_notes(const Notes& notes);

// `settings` over the recipe of a run that goes on. InvalidArgument naming the setting's place
// where one would change what a run keeps. What `notes`, where they are given, do not say, as those
// of a checkpoint that no command wrote, nobody has to keep.
EVENKEEL_API Recipe resumed_with(const Recipe& before, const std::vector<Setting>& settings,
                                 const Notes* notes = nullptr);

// The first setting that a run keeps and both have, but not the same: "train.batch = 8 there, 16
// here"; empty where there is none. DataError for damaged notes.
EVENKEEL_API std::string difference_of(const Notes& there, const Notes& here);

}  // namespace evenkeel
