// SPDX-License-Identifier: Apache-2.0
// What several commands do.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/compile/pass.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/recipe/recipe.h"

namespace evenkeel::cli {

// A line on stderr that is neither result nor error.
void notice(const std::string& text);

// InvalidArgument that suggests the nearest of `known`.
void require_one_of(const std::string& flag, const std::string& given,
                    const std::vector<std::string>& known);

// Threads and kernels as asked for; what isn't given is the machine's and "auto". InvalidArgument
// for unknown kernels and for those that this build is without.
Machine machine_of(const std::optional<int>& threads, const std::optional<std::string>& kernels);

// fast where it isn't given. InvalidArgument for another than strict and fast.
Math math_of(const std::optional<std::string>& math);

// f32 where it isn't given. InvalidArgument for another than f32 and bf16.
Weights weights_of(const std::optional<std::string>& weights);

// Dumps to $EVENKEEL_DUMP where that is set.
PassOptions pass_options(const std::optional<std::string>& math = {});

// True where a folder has the set, or there is a file or folder of this name.
bool on_this_machine(const std::string& name, const std::filesystem::path& directory);

// A data set by name, downloaded where it is found nowhere, or at a path. DataError where that
// fails too. Files that were skipped are told on stderr.
Splits load_data(const std::string& name, const std::filesystem::path& directory);
Splits load_data(const std::string& name, DatasetOptions options);

// The same for recipes that read the set of this name and divide it alike.
std::string data_key(const std::string& name, const Recipe& recipe);

}  // namespace evenkeel::cli
