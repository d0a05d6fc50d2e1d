// SPDX-License-Identifier: Apache-2.0
// What a recipe describes, made: network, optimiser, schedule, and the settings of trainer and
// data.
#pragma once

#include "evenkeel/data/augment.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/recipe/recipe.h"
#include "evenkeel/train/evaluate.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct RunSettings;  // train/checkpoint.h

// Each throws InvalidArgument whose where() is the key at fault, as "optimizer.momentum".

// The network for the images and classes of `data`; for those it was made for without. By layers
// that is 28 x 28 x 1 and 10. Frozen and normalised as the recipe says, the latter with data alone.
EVENKEEL_API Model model_of(const Recipe& recipe, const Dataset* data = nullptr);
EVENKEEL_API Optimizer optimizer_of(const Recipe& recipe);
// Of all there are.
EVENKEEL_API std::vector<std::string> optimizer_names();
// The rate that an optimiser has unless it is given, and its weight decay. An unknown name is an
// InvalidArgument of `where`.
EVENKEEL_API Optimizer default_optimizer(const std::string& name,
                                         const std::string& where = "optimizer.name");
// Of a plateau, which follows the validation loss, the constant rate that it lowers.
EVENKEEL_API Schedule schedule_of(const Recipe& recipe);
EVENKEEL_API Loss loss_of(const Recipe& recipe);
EVENKEEL_API Statistics statistics_of(const Recipe& recipe);
EVENKEEL_API WeightAverage average_of(const Recipe& recipe);
EVENKEEL_API Augmentation augmentation_of(const Recipe& recipe);
// How its data set is divided and read; where it is looked for first, a recipe does not say.
EVENKEEL_API DatasetOptions dataset_options_of(const Recipe& recipe,
                                               const std::filesystem::path& directory = {});
// What ends a run or lowers its rate, each by `validate` after each epoch.
EVENKEEL_API std::vector<Callback> callbacks_of(const Recipe& recipe, const Evaluate& validate);
// Seed, precision, kernels, math, schedule, statistics, average and what the loss is told.
EVENKEEL_API TrainerOptions trainer_options_of(const Recipe& recipe);

// Of "moving", "recalibrated" or "recalibrated:8192", and back, with the number of images.
EVENKEEL_API Statistics parse_statistics(const std::string& text);
EVENKEEL_API std::string statistics_text(const Statistics& statistics);

// The settings of a checkpoint that was made by the library.
EVENKEEL_API void take_settings(const RunSettings& from, Recipe& to);

}  // namespace evenkeel
