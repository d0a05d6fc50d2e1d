// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/run_look.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "evenkeel/base/error.h"
#include "evenkeel/study/doctor/norm_state.h"
#include "evenkeel/study/step_profile.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using doctor::Numbers;

constexpr std::size_t kBins = 24;

std::string note_of(const Checkpoint& checkpoint, const char* key) {
  const auto found = checkpoint.notes.find(key);
  return found == checkpoint.notes.end() ? "" : found->second;
}

std::int64_t batch_of(const Checkpoint& checkpoint) {
  const std::string text = note_of(checkpoint, "batch");
  std::int64_t batch = 0;
  std::from_chars(text.data(), text.data() + text.size(), batch);
  return batch > 0 ? batch : 128;
}

std::optional<Counted> counted(Numbers numbers) {
  std::erase_if(numbers, [](double number) { return !std::isfinite(number); });
  if (numbers.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  Counted result{*low, *high, std::vector<std::int64_t>(kBins, 0)};
  if (result.low == result.high) {  // all equal: in the middle
    const double half = result.low == 0 ? 0.5 : std::abs(result.low) / 2;
    result.low -= half;
    result.high += half;
  }
  const double width = (result.high - result.low) / static_cast<double>(kBins);
  for (const double number : numbers) {
    const double place = std::floor((number - result.low) / width);
    ++result.counts[std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0, place)))];
  }
  return result;
}

NormNumbers numbers_of(const doctor::NormState& norm) {
  NormNumbers result;
  result.layer = norm.layer;
  result.channels = std::ssize(norm.variance);
  result.updates = norm.updates;
  result.epsilon = norm.epsilon;
  result.frozen = norm.frozen;
  result.gamma = norm.gamma_name.empty() ? std::nullopt : counted(norm.gamma);
  Numbers deviations;
  for (const double variance : norm.variance)
    if (variance > 0) deviations.push_back(std::log10(variance) / 2);
  result.deviation = counted(std::move(deviations));
  return result;
}

// Does a part of the look; where it cannot be done, says that and why.
template <typename Part>
void attempt(RunLook& look, const std::string& what, Part part) {
  try {
    part();
  } catch (const Error& error) {
    look.missing.push_back(what + " left out: " + error.what());
  }
}

void look_at_norms(const fs::path& path, const LookOptions& options, RunLook& look) {
  const Patient patient = read_patient(path);
  for (const doctor::NormState& norm : doctor::norm_states(patient))
    look.norms.push_back(numbers_of(norm));
  if (options.data != nullptr) {
    try {
      look.findings = examine(patient, {.data = options.data->train});
      look.findings_with_data = true;
      return;
    } catch (const Error& error) {
      look.missing.push_back(std::string("Batch norm is judged without images: ") + error.what());
    }
  }
  look.findings = examine(patient);
}

void look_at_time(Trainer& trainer, const Checkpoint& checkpoint, const LookOptions& options,
                  RunLook& look) {
  const std::int64_t batch = batch_of(checkpoint);
  const Dataset images =
      options.data != nullptr ? options.data->train : noise_for(trainer.model(), batch);
  look.profile = profile_steps(trainer, images, {.batch = batch});
  look.profile_batch = batch;
  look.profile_threads = trainer.threads();
  if (look.profile->runs == 0) look.profile.reset();
}

}  // namespace

ChosenCheckpoint choose_checkpoint(const fs::path& path, const Tell& tell) {
  if (fs::is_directory(path)) {
    if (const auto best = read_best(path)) {
      const fs::path file = checkpoint_path(path, best->step);
      try {
        if (fs::exists(file)) return {{file, Checkpoint::read(file)}, true};
        tell("best.json names " + file.filename().string() +
             ", which is not there; the newest checkpoint is taken");
      } catch (const DataError& error) {
        tell(std::string("damaged, so the newest good one is taken: ") + error.what());
      }
    }
  }
  ChosenCheckpoint chosen{open_checkpoint(path, tell), false};
  const fs::path folder = chosen.found.path.parent_path();
  const auto best = read_best(folder);
  chosen.best = best && chosen.found.path == checkpoint_path(folder, best->step);
  return chosen;
}

RunLook look_at(const ChosenCheckpoint& chosen, const std::function<Trainer()>& make_trainer,
                const LookOptions& options) {
  const Checkpoint& checkpoint = chosen.found.checkpoint;
  RunLook look;
  look.checkpoint = chosen.found.path.filename().string();
  look.step = checkpoint.step;
  look.best = chosen.best;
  look.model = checkpoint.network.name();
  look.data = note_of(checkpoint, "data");
  look.split = options.split;
  if (options.data != nullptr) look.class_names = options.data->class_names;
  attempt(look, "Batch norm", [&] { look_at_norms(chosen.found.path, options, look); });
  attempt(look, "First filters", [&] {
    look.filters = first_filters(checkpoint.model(chosen.found.path), checkpoint.tensors);
  });
  if (options.data == nullptr && !options.why_no_data.empty())
    look.missing.push_back(options.why_no_data);
  if (options.data == nullptr && !options.profile) return look;
  std::optional<Trainer> trainer;
  attempt(look, "What the network must run for", [&] { trainer.emplace(make_trainer()); });
  if (!trainer) return look;
  if (options.data != nullptr && options.data->named(options.split).size() == 0)
    look.missing.push_back("What the network confuses left out: " + look.data + " has no " +
                           options.split + " images; --split takes another part.");
  else if (options.data != nullptr)
    attempt(look, "What the network confuses", [&] {
      const Predictor predictor(*trainer,
                                {.threads = std::max(1, trainer->threads()), .slice = 128});
      look.judged = judge(predictor, trainer->loss(), options.data->named(options.split),
                          options.most_mistakes);
    });
  if (options.profile)
    attempt(look, "Time by op", [&] { look_at_time(*trainer, checkpoint, options, look); });
  return look;
}

}  // namespace evenkeel
