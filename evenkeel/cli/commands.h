// SPDX-License-Identifier: Apache-2.0
// The commands: each prints its results on stdout, notices on stderr, and gives the exit code.
#pragma once

#include "evenkeel/cli/arguments.h"

namespace evenkeel::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kBadData = 3;
inline constexpr int kInterrupted = 130;

int run(const TrainArguments& arguments);
// Pauses behind so many epochs, saved, to be resumed: a sweep judges the run there. 0: never.
int run(const TrainArguments& arguments, std::int64_t pause_after);
int run(const EvaluateArguments& arguments);
int run(const PredictArguments& arguments);
int run(const SummaryArguments& arguments);
int run(const DoctorArguments& arguments);
int run(const CompareArguments& arguments);
int run(const CompareRunArguments& arguments);
int run(const RecalibrateArguments& arguments);
int run(const DataArguments& arguments);
int run(const RecipeArguments& arguments);
int run(const ReportArguments& arguments);
int run(const LrFindArguments& arguments);
int run(const SweepArguments& arguments);
int run(const SweepRunArguments& arguments);
int run(const RunsArguments& arguments);
int run(const VersionArguments& arguments);

}  // namespace evenkeel::cli
