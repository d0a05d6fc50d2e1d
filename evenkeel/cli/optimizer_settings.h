// SPDX-License-Identifier: Apache-2.0
// What was typed of optimiser, schedule and loss, as the library's settings and back.
#pragma once

#include "evenkeel/cli/train_settings.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/schedule.h"

namespace evenkeel::cli {

// The rate and weight decay that an optimiser has unless they are given.
double default_learning_rate(const std::string& optimizer);
double default_weight_decay(const std::string& optimizer);

// InvalidArgument naming the flag that makes no sense.
Optimizer optimizer_of(const TrainSettings& settings);
Schedule schedule_of(const TrainSettings& settings);
Loss loss_of(const TrainSettings& settings);

// The settings of a checkpoint that was made by the library.
void take_settings(const RunSettings& from, TrainSettings& to);

}  // namespace evenkeel::cli
