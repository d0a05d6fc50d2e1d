// SPDX-License-Identifier: Apache-2.0
// What several commands are told in the same words.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/cli/arguments.h"

namespace evenkeel::cli {

// A range that keeps its bounds out of --help.
CLI::Validator between(std::int64_t least, std::int64_t most);
CLI::Validator positive();
// CLI11 wraps a negative number around where the type has no sign.
CLI::Validator no_sign();
CLI::Validator count();

// With commas between.
std::string list_of(const std::vector<std::string>& names);

void add_data_dir(CLI::App* command, std::filesystem::path& directory);
inline constexpr const char kSkipBad[] =
    "Leave out image files that cannot be read or are of another size, and say which";
void add_threads(CLI::App* command, std::optional<int>& threads);
void add_isa(CLI::App* command, std::optional<std::string>& isa);
void add_math(CLI::App* command, std::optional<std::string>& math);
void add_weights(CLI::App* command, std::optional<std::string>& weights);
void add_machine(CLI::App* command, std::optional<int>& threads,
                 std::optional<std::string>& kernels, std::optional<std::string>& isa,
                 std::optional<std::string>& math);

// How a network is trained, for the commands that train one or judge the plan to.
void add_training(CLI::App* command, TrainArguments& arguments);

void add_train(CLI::App& app, TrainArguments& arguments);
void add_evaluate(CLI::App& app, EvaluateArguments& arguments);
void add_predict(CLI::App& app, PredictArguments& arguments);
void add_summary(CLI::App& app, SummaryArguments& arguments);
void add_doctor(CLI::App& app, DoctorArguments& arguments);
void add_recalibrate(CLI::App& app, RecalibrateArguments& arguments);
void add_data(CLI::App& app, DataArguments& arguments);

// The command that compares, and the one that makes one of its runs.
void add_compare(CLI::App& app, CompareArguments& arguments);
void add_compare_run(CLI::App& app, CompareRunArguments& arguments);

void add_report(CLI::App& app, ReportArguments& arguments);

void add_lr_find(CLI::App& app, LrFindArguments& arguments);
// The command that sweeps, and the one that makes one of its runs.
inline constexpr const char kSweepRun[] = "sweep-run";
void add_sweep(CLI::App& app, SweepArguments& arguments);
void add_sweep_run(CLI::App& app, SweepRunArguments& arguments);

// --set, any number of times.
void add_sets(CLI::App* command, std::vector<std::string>& sets);
void add_recipe(CLI::App& app, RecipeArguments& arguments);
void add_runs(CLI::App& app, RunsArguments& arguments);

}  // namespace evenkeel::cli
