// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/load_trainer.h"

#include "evenkeel/base/error.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/notes.h"

namespace evenkeel::cli {

Trainer load_trainer(const FoundCheckpoint& found, const std::optional<int>& threads,
                     const std::optional<std::string>& kernels,
                     const std::optional<std::string>& math) {
  const RunSettings& settings = found.checkpoint.settings;
  TrainerOptions options;
  options.seed = settings.seed;
  options.threads = machine_of(threads, kernels).threads;
  options.precision = settings.precision == "f64" ? Precision::f64 : Precision::f32;
  options.kernels = kernels.value_or(settings.kernels);
  options.math = math_of(found, math);
  options.dump_directory = pass_options().dump_directory;
  options.schedule = settings.schedule;
  options.statistics = settings.statistics;
  options.average = settings.average;
  options.label_smoothing = settings.label_smoothing;
  options.class_weights = settings.class_weights;
  Trainer trainer(found.checkpoint.model(found.path), settings.loss, settings.optimizer, options);
  trainer.restore(found.checkpoint, found.path);
  return trainer;
}

Math math_of(const FoundCheckpoint& found, const std::optional<std::string>& given) {
  if (given) return math_of(given);
  const auto note = found.checkpoint.notes.find("math");
  if (note == found.checkpoint.notes.end()) return Math::fast;
  return parse_math(note->second).value_or(Math::fast);
}

Statistics statistics_of(const Checkpoint& checkpoint) {
  const auto note = checkpoint.notes.find(kRecalibratedNote);
  if (note == checkpoint.notes.end()) return checkpoint.settings.statistics;
  return parse_statistics("recalibrated:" + note->second);
}

std::string data_name_of(const std::optional<std::string>& given, const FoundCheckpoint& found) {
  if (given) return *given;
  const auto note = found.checkpoint.notes.find("data");
  if (note != found.checkpoint.notes.end()) return note->second;
  throw InvalidArgument("--data", "expected the name of a data set: " + found.path.string() +
                                      " does not say what it was trained on");
}

Splits load_data_of_run(const Notes& notes, const std::string& name,
                        const std::filesystem::path& directory, bool skip_bad) {
  const auto note = notes.find("data");
  const bool trained_on = note != notes.end() && note->second == name;
  DatasetOptions options = trained_on ? dataset_options_of(from_notes(notes), directory)
                                      : DatasetOptions{.directory = directory};
  options.skip_bad = options.skip_bad || skip_bad;
  return load_data(name, options);
}

}  // namespace evenkeel::cli
