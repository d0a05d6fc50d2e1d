// SPDX-License-Identifier: Apache-2.0
// Runs of recipes so small that a test can train many times.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/command.h"

namespace evenkeel::test {

inline constexpr const char* kTinyRecipe = R"(
[model]
name = "tiny"
layers = [
  {type = "max_pool2d", window = 4},
  {type = "flatten"},
  {type = "batch_norm"},
  {type = "dropout", rate = 0.25},
  {type = "dense", units = 16, activation = "relu"},
  {type = "dense", units = 10},
]
[data]
name = "mnist"
[augment]
shift = 2
[train]
epochs = 2
batch = 8
[run]
log_every = 5
)";

// sets/mnist: 121 train, 11 validation, 20 test images, an epoch of 15 batches; tiny.toml.
class RecipeRun : public CommandLine {
 public:
  RecipeRun() {
    write_idx_set(path("sets"), "mnist", 132, 20);
    write("tiny.toml", kTinyRecipe);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
  }
  Outcome train(const std::string& recipe, const std::string& out,
                const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train",     recipe, "--data-dir", "sets",
                                      "--threads", "1",    "--out",      out};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  ByteVector bytes(const std::string& name) const { return read_bytes(path(name)); }
  std::string text(const std::string& name) const {
    const ByteVector all = bytes(name);
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }
};

}  // namespace evenkeel::test
