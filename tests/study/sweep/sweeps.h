// SPDX-License-Identifier: Apache-2.0
// Sweeps whose runs are written by hand, or made by a few lines of shell.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "evenkeel/recipe/recipe_file.h"
#include "evenkeel/study/sweep/folder.h"

namespace evenkeel::test {

inline sweep::Plan plan_of(const std::vector<std::string>& grid, std::int64_t epochs = 1) {
  sweep::Plan plan;
  plan.name = "mlp";
  plan.command = "evenkeel train mlp";
  plan.settings = {{"model.name", std::string("mlp"), "test"}, {"train.epochs", epochs, "test"}};
  plan.parameters = sweep::parse_parameters(grid);
  return plan;
}

inline sweep::Sweep sweep_of(const sweep::Plan& plan) {
  sweep::Sweep sweep{plan, sweep::trials_of(plan), {}};
  sweep.states.resize(sweep.trials.size());
  return sweep;
}

inline std::string look_line(std::int64_t epoch, double accuracy, double loss) {
  return "{\"event\":\"evaluation\",\"split\":\"validation\",\"step\":" +
         std::to_string(10 * epoch) + ",\"epoch\":" + std::to_string(epoch) +
         ",\"loss\":" + std::to_string(loss) + ",\"accuracy\":" + std::to_string(accuracy) +
         ",\"images\":10,\"best\":true}\n";
}

constexpr const char* kDoneLine =
    "{\"event\":\"done\",\"step\":10,\"seconds\":2,\"loss\":1,\"accuracy\":0.5}\n";

// A run's folder as `train` leaves it.
inline void write_run(const std::filesystem::path& run, const Recipe& recipe,
                      const std::string& metrics) {
  std::filesystem::create_directories(run);
  write_recipe(run, recipe);
  std::ofstream(run / "metrics.jsonl") << metrics;
}

// A run that is done, judged once.
inline void settle(sweep::Sweep& sweep, std::size_t trial, double accuracy, double loss = 1) {
  sweep::Result& result = sweep.states[trial].result;
  result.status = sweep::Status::done;
  result.looks = {{10, 1, loss, accuracy}};
  result.steps = {1, 10};
  result.losses = {2, loss};
  result.seconds = 3;
}

inline void diverge(sweep::Sweep& sweep, std::size_t trial) {
  sweep::Result& result = sweep.states[trial].result;
  result.status = sweep::Status::diverged;
  result.error = "[conv1] first gave a value that is not finite in step 3";
  result.looks.clear();
  result.steps = {1};
  result.losses = {2};
}

}  // namespace evenkeel::test
