// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_saver.h"

#include <cmath>
#include <utility>

#include "evenkeel/base/error.h"

namespace evenkeel {

RunSaver::RunSaver(std::filesystem::path folder, const SaveTimes& times, const SaveOptions& options)
    : folder_(std::move(folder)),
      times_(times),
      keep_last_(options.keep_last),
      on_saved_(options.on_saved),
      best_(read_best(folder_)) {
  const auto refuse = [](const char* what, const std::string& value) {
    throw InvalidArgument(what, "expected a number of at least 0, got " + value);
  };
  if (times.steps < 0) refuse("save_every: steps", std::to_string(times.steps));
  if (!(times.seconds >= 0) || !std::isfinite(times.seconds))
    refuse("save_every: seconds", std::to_string(times.seconds));
  if (keep_last_ < 0) refuse("save_every: keep_last", std::to_string(keep_last_));
}

void RunSaver::take_best(const std::optional<Best>& best) {
  best_ = best;
  if (best)
    write_best(folder_, *best);
  else
    remove_best(folder_);
}

bool RunSaver::due(std::int64_t step) const {
  if (times_.steps > 0 && step % times_.steps == 0) return true;
  if (times_.seconds == 0 || under_way_) return false;
  return Clock::now() - *last_ >= std::chrono::duration<double>(times_.seconds);
}

void RunSaver::after_step(const Trainer& trainer) {
  if (!last_) last_ = Clock::now();
  if (writer_.idle()) settle(trainer);
  if (due(trainer.completed_steps())) save(trainer);
}

void RunSaver::save(const Trainer& trainer) {
  const std::int64_t step = trainer.completed_steps();
  if (step == saved_step_ || under_way_ == step) return;
  settle(trainer);
  last_ = Clock::now();
  try {
    writer_.save(
        trainer, checkpoint_path(folder_, step), [this, step] { remove_old(step); }, sync_);
    under_way_ = step;
  } catch (const RuntimeFailure& error) {
    warn(trainer, error);
  }
}

void RunSaver::settle(const Trainer& trainer) {
  const auto step = std::exchange(under_way_, std::nullopt);
  if (!step) return;
  try {
    writer_.wait();
  } catch (const RuntimeFailure& error) {
    warn(trainer, error);
    return;
  }
  safe(trainer, *step);
}

void RunSaver::safe(const Trainer& trainer, std::int64_t step) {
  saved_step_ = step;
  failing_ = false;
  tell_of_removal(trainer);
  if (on_saved_) on_saved_(step, checkpoint_path(folder_, step));
}

bool RunSaver::keep_best(const Trainer& trainer, const Evaluation& validation) {
  settle(trainer);
  const std::int64_t step = trainer.completed_steps();
  if (!better(validation, best_) || saved_step_ != step) return false;
  const Best best{step, validation.accuracy, validation.loss};
  try {
    write_best(folder_, best);
  } catch (const RuntimeFailure& error) {
    warn(trainer, error);
    return false;
  }
  best_ = best;
  remove_old(step);
  tell_of_removal(trainer);
  return true;
}

void RunSaver::finish(const Trainer& trainer) {
  settle(trainer);
  const std::int64_t step = trainer.completed_steps();
  if (step == saved_step_) return;
  if (sync_) sync_();
  trainer.save(checkpoint_path(folder_, step));
  remove_old(step);
  safe(trainer, step);
}

void RunSaver::remove_old(std::int64_t newest) noexcept {
  try {
    remove_old_checkpoints(folder_, newest, keep_last_);
  } catch (const std::exception& error) {
    not_removed_ = error.what();
  }
}

void RunSaver::tell_of_removal(const Trainer& trainer) {
  const std::string text = std::exchange(not_removed_, "");
  if (!text.empty() && trainer.options().log) trainer.options().log(Severity::warning, text);
}

void RunSaver::warn(const Trainer& trainer, const Error& error) {
  if (std::exchange(failing_, true) || !trainer.options().log) return;
  trainer.options().log(Severity::warning,
                        std::string(error.what()) + "; training goes on without that checkpoint");
}

}  // namespace evenkeel
