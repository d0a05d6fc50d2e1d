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
void add_threads(CLI::App* command, std::optional<int>& threads);
void add_isa(CLI::App* command, std::optional<std::string>& isa);
void add_math(CLI::App* command, std::optional<std::string>& math);
void add_machine(CLI::App* command, std::optional<int>& threads,
                 std::optional<std::string>& kernels, std::optional<std::string>& isa,
                 std::optional<std::string>& math);

// The command that compares, and the one that makes one of its runs.
void add_compare(CLI::App& app, CompareArguments& arguments);
void add_compare_run(CLI::App& app, CompareRunArguments& arguments);

}  // namespace evenkeel::cli
