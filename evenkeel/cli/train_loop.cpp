// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/train_loop.h"

#include "evenkeel/base/os.h"

namespace evenkeel::cli {
namespace {

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

SaveOptions options_of(const TrainPlan& plan, RunReport& report) {
  SaveOptions options;
  options.keep_last = plan.keep;
  options.on_saved = [&report](std::int64_t step, const std::filesystem::path& path) {
    report.saved(step, path);
  };
  return options;
}

}  // namespace

TrainLoop::TrainLoop(Trainer& trainer, const Splits& data, const TrainPlan& plan,
                     const Interruption& interruption, RunReport& report)
    : trainer_(trainer),
      data_(data),
      plan_(plan),
      interruption_(interruption),
      report_(report),
      saver_(plan.folder, plan.save_every, options_of(plan, report)),
      first_step_(trainer.completed_steps()) {
  if (std::filesystem::exists(checkpoint_path(plan.folder, first_step_)))
    saver_.already_saved(first_step_);
}

RunDone TrainLoop::run() {
  started_ = Clock::now();
  catch_up();
  entered_ = Clock::now();
  FitOptions options{plan_.epochs, plan_.batch, {}, stop_.get_token()};
  options.callbacks = {{[this](Trainer&, const BatchEvent& event) { on_batch(event); },
                        [this](Trainer&, const BatchEvent& event) { on_epoch(event); }}};
  trainer_.fit(data_.train, options);
  saver_.finish(trainer_);

  RunDone done;
  done.interrupted = interruption_.requested();
  if (!done.interrupted) done.test = trainer_.evaluate(data_.test);
  done.steps = trainer_.completed_steps();
  done.seconds = seconds_between(started_, Clock::now());
  done.speed = speed({});
  done.seconds_to_first_step = seconds_to_first_step_;
  done.step_times = step_times_.summary();
  done.peak_memory_bytes = os::peak_resident_bytes();
  done.checkpoint = checkpoint_path(plan_.folder, done.steps);
  return done;
}

void TrainLoop::leave_training() {
  const double seconds = seconds_between(entered_, Clock::now());
  if (seconds_to_first_step_ < 0) {
    seconds_to_first_step_ = os::seconds_since_process_start();
    first_seconds_ = seconds;
    return;
  }
  step_times_.add_step(seconds);
  timed_seconds_ += seconds;
  ++timed_steps_;
}

Speed TrainLoop::speed(const BatchEvent& event) const {
  Speed result;
  const auto images = static_cast<double>(plan_.batch);
  if (timed_seconds_ > 0)
    result.images_per_second = images * static_cast<double>(timed_steps_) / timed_seconds_;
  else if (first_seconds_ > 0)
    result.images_per_second = images / first_seconds_;
  const std::int64_t done = event.step - first_step_;
  if (done > 1) {
    const double each = seconds_between(started_, Clock::now()) / static_cast<double>(done);
    result.seconds_left = each * static_cast<double>(event.epochs * event.batches - event.step);
  }
  return result;
}

void TrainLoop::on_batch(const BatchEvent& event) {
  leave_training();
  epoch_loss_ += event.loss;
  epoch_correct_ += event.correct;
  ++epoch_batches_;
  report_.step(event, speed(event));
  const Clock::time_point before = Clock::now();
  saver_.after_step(trainer_);
  step_times_.add_saving(seconds_between(before, Clock::now()));
  const bool due = plan_.log_every > 0 && (event.batch - 1) % plan_.log_every == 0;
  if (due && !interruption_.requested()) report_.batch(event, trainer_.evaluate(data_.test));
  if (interruption_.requested()) stop_.request_stop();
  entered_ = Clock::now();
}

void TrainLoop::on_epoch(const BatchEvent& event) {
  const auto batches = static_cast<double>(epoch_batches_);
  save();  // what was saved within the epoch is told first
  report_.epoch({event, epoch_loss_ / batches,
                 static_cast<double>(epoch_correct_) / (batches * static_cast<double>(plan_.batch)),
                 speed(event)});
  epoch_loss_ = 0;
  epoch_correct_ = 0;
  epoch_batches_ = 0;
  if (!interruption_.requested()) validate(event);
  if (interruption_.requested()) stop_.request_stop();
  entered_ = Clock::now();
}

void TrainLoop::save() {
  const Clock::time_point before = Clock::now();
  saver_.save(trainer_);
  step_times_.add_saving(seconds_between(before, Clock::now()));
}

void TrainLoop::validate(const BatchEvent& event) {
  if (plan_.eval_every == 0 || event.epoch % plan_.eval_every != 0) return;
  if (data_.validation.size() == 0) return;
  const Evaluation evaluation = trainer_.evaluate(data_.validation);
  report_.validated(event, evaluation, saver_.keep_best(trainer_, evaluation));
}

// A run that was killed between a checkpoint and its look at the validation images looks now, so
// that it names the same best as a run that never stopped.
void TrainLoop::catch_up() {
  const std::int64_t batches = data_.train.size() / plan_.batch;
  if (first_step_ == 0 || first_step_ % batches != 0 || !saver_.is_saved(first_step_)) return;
  if (saver_.best() && saver_.best()->step == first_step_) return;
  BatchEvent event;
  event.epoch = first_step_ / batches;
  event.epochs = plan_.epochs;
  event.batch = event.batches = batches;
  event.step = first_step_;
  event.batch_size = plan_.batch;
  validate(event);
}

}  // namespace evenkeel::cli
