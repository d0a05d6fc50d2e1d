// SPDX-License-Identifier: Apache-2.0
// What a training run says: as lines for people, or as JSON for programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "evenkeel/cli/train_settings.h"
#include "evenkeel/runtime/profiler.h"
#include "evenkeel/train/init_from.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel::cli {

struct RunStart {
  Recipe settings;
  std::int64_t train_images = 0;
  std::int64_t validation_images = 0;
  std::int64_t test_images = 0;
  std::int64_t batches = 0;  // of an epoch
  std::int64_t step = 0;     // that it goes on from
  NumericEnvironment environment;
  std::filesystem::path folder;
};

// Speed counts training alone: no evaluations, no saving.
struct Speed {
  double images_per_second = 0;  // 0: not known yet
  double seconds_left = -1;      // of the whole run
};

struct EpochResult {
  BatchEvent last;  // its last batch
  double loss = 0;  // means over the epoch's batches, each before its update
  double accuracy = 0;
  Speed speed;
};

// Of each step with what saving held it up; the first, which compiles, does not count.
struct StepSummary {
  double median = 0;  // seconds
  double longest = 0;
  double saving = 0;  // how long training stood still for saving, in all
};

struct RunDone {
  bool interrupted = false;  // by a signal
  bool paused = false;       // where a sweep judges it
  bool stopped_early = false;
  Evaluation test;  // empty when interrupted or paused
  std::int64_t steps = 0;
  double seconds = 0;
  Speed speed;
  double seconds_to_first_step = -1;  // below 0: no step was left to do
  StepSummary step_times;
  std::size_t peak_memory_bytes = 0;
  std::filesystem::path checkpoint;
  std::filesystem::path best;  // empty: none was looked for
};

class RunReport {
 public:
  virtual ~RunReport() = default;
  virtual void started(const RunStart& start) = 0;
  // Weights were taken from another run.
  virtual void initialised(const LoadReport& load, const std::filesystem::path& from) = 0;
  virtual void step(const BatchEvent& event, const Speed& speed) = 0;
  // Every --log-every batches, with the accuracy over all test images.
  virtual void batch(const BatchEvent& event, const Evaluation& test) = 0;
  virtual void validated(const BatchEvent& event, const Evaluation& validation, bool best) = 0;
  virtual void epoch(const EpochResult& result) = 0;
  virtual void saved(std::int64_t step, const std::filesystem::path& path) = 0;
  virtual void warning(const std::string& text) = 0;
  virtual void profiled(const Profile& profile) = 0;
  virtual void done(const RunDone& done) = 0;
  // The run ends with this error, which the command itself prints.
  virtual void failed(const std::string&) {}
};

std::unique_ptr<RunReport> make_text_report(const Recipe& settings, bool quiet);
std::unique_ptr<RunReport> make_json_report(const Recipe& settings, bool quiet);

}  // namespace evenkeel::cli
