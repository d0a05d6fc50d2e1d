// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/train_loop.h"

#include <limits>

#include "evenkeel/base/error.h"
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
      recorder_(plan.folder, trainer, {.metrics_every = plan.metrics_every},
                [&report](const std::string& text) { report.warning(text); }),
      saver_(plan.folder, plan.save_every, options_of(plan, report)),
      first_step_(trainer.completed_steps()) {
  epoch_.resume(trainer.notes(), first_step_);
  saver_.sync_first([this] { recorder_.sync(); });
  if (std::filesystem::exists(checkpoint_path(plan.folder, first_step_)))
    saver_.already_saved(first_step_);
  if (saver_.best() && saver_.best()->step > first_step_) saver_.take_best(best_until_now());
}

std::optional<Best> TrainLoop::best_until_now() const {
  std::optional<Best> best;
  try {
    for (const MetricsRow& row : read_metrics(plan_.folder))
      if (row.best && row.step <= first_step_) best = Best{row.step, row.accuracy, row.loss};
  } catch (const DataError&) {
    return {};  // the recorder has said so
  }
  if (best && !std::filesystem::exists(checkpoint_path(plan_.folder, best->step))) return {};
  return best;
}

RunDone TrainLoop::run() {
  started_ = Clock::now();
  try {
    catch_up();
    fit();
    saver_.finish(trainer_);
  } catch (const Error& error) {
    report_.failed(error.what());
    throw;
  }
  return done();
}

void TrainLoop::fit() {
  entered_ = Clock::now();
  FitOptions options{plan_.epochs, plan_.batch, {}, stop_.get_token()};
  options.accumulate = plan_.accumulate;
  options.augment = plan_.augment;
  options.loaders = plan_.loaders;
  options.callbacks = {{[this](Trainer&, const BatchEvent& event) { on_batch(event); },
                        [this](Trainer&, const BatchEvent& event) { on_epoch(event); }}};
  options.callbacks.insert(options.callbacks.end(), plan_.callbacks.begin(), plan_.callbacks.end());
  // Behind all others: what they take is no time of training.
  const auto enter = [this](Trainer&, const BatchEvent&) { entered_ = Clock::now(); };
  options.callbacks.push_back({enter, enter, {}, enter});
  if (pauses_behind(first_step_)) stop_.request_stop();
  stopped_ = !trainer_.fit(data_.train, options);
}

RunDone TrainLoop::done() {
  RunDone done;
  done.interrupted = interruption_.requested();
  done.steps = trainer_.completed_steps();
  done.paused = !done.interrupted && pauses_behind(done.steps);
  done.stopped_early = stopped_ && !done.interrupted && !done.paused;
  if (saver_.best()) done.best = checkpoint_path(plan_.folder, saver_.best()->step);
  if (!done.interrupted && !done.paused) {
    const std::int64_t batches = batches_per_epoch();
    done.test = test({.epoch = (done.steps + batches - 1) / batches, .step = done.steps});
    recorder_.done(done.steps, done.test);
  }
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
  timed_.seconds += seconds;
  ++timed_.steps;
}

double TrainLoop::rate_since(const Timed& then) const {
  const double seconds = timed_.seconds - then.seconds;
  if (timed_.steps == then.steps || seconds <= 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>((timed_.steps - then.steps) * images_per_step()) / seconds;
}

Speed TrainLoop::speed(const BatchEvent& event) const {
  Speed result;
  if (timed_.seconds > 0)
    result.images_per_second = rate_since({});
  else if (first_seconds_ > 0)
    result.images_per_second = static_cast<double>(images_per_step()) / first_seconds_;
  const std::int64_t done = event.step - first_step_;
  if (done > 1) {
    const double each = seconds_between(started_, Clock::now()) / static_cast<double>(done);
    result.seconds_left = each * static_cast<double>(event.epochs * event.batches - event.step);
  }
  return result;
}

void TrainLoop::on_batch(const BatchEvent& event) {
  leave_training();
  epoch_.add(event, trainer_.notes());
  report_.step(event, speed(event));
  record(event);
  // All that is told of a step is told before its checkpoint: a run that goes on there has it.
  const bool due = plan_.log_every > 0 && (event.batch - 1) % plan_.log_every == 0;
  if (due && !interruption_.requested()) report_.batch(event, test(event));
  const Clock::time_point before = Clock::now();
  saver_.after_step(trainer_);
  step_times_.add_saving(seconds_between(before, Clock::now()));
  if (interruption_.requested()) stop_.request_stop();
}

void TrainLoop::record(const BatchEvent& event) {
  if (!recorder_.due(event.step)) return;
  recorder_.batch(event, rate_since(timed_at_row_));
  timed_at_row_ = timed_;
}

Evaluation TrainLoop::test(const BatchEvent& event) {
  const Evaluation evaluation = trainer_.evaluate(data_.test);
  recorder_.evaluation("test", event.step, event.epoch, evaluation, false);
  return evaluation;
}

void TrainLoop::on_epoch(const BatchEvent& event) {
  recorder_.epoch(trainer_, data_.train, event, epoch_.loss(), epoch_.accuracy(),
                  rate_since(timed_at_epoch_));
  timed_at_epoch_ = timed_;
  save();  // what was saved within the epoch is told first
  report_.epoch({event, epoch_.loss(), epoch_.accuracy(), speed(event)});
  if (!interruption_.requested()) validate(event);
  if (interruption_.requested() || pauses_behind(event.step)) stop_.request_stop();
}

bool TrainLoop::pauses_behind(std::int64_t step) const {
  const std::int64_t batches = batches_per_epoch();
  return plan_.pause_after > 0 && step >= plan_.pause_after * batches &&
         step < plan_.epochs * batches;
}

void TrainLoop::save() {
  const Clock::time_point before = Clock::now();
  saver_.save(trainer_);
  step_times_.add_saving(seconds_between(before, Clock::now()));
}

void TrainLoop::validate(const BatchEvent& event) {
  if (plan_.eval_every == 0 || event.epoch % plan_.eval_every != 0) return;
  if (data_.validation.size() == 0) return;
  const Evaluation evaluation = plan_.validate(trainer_);
  saver_.keep_best(trainer_, evaluation);
  const bool best = saver_.best() && saver_.best()->step == event.step;
  recorder_.evaluation("validation", event.step, event.epoch, evaluation, best);
  report_.validated(event, evaluation, best);
}

// A run that was killed between a checkpoint and its look at the validation images looks now, so
// that it names the same best as a run that never stopped.
void TrainLoop::catch_up() {
  const std::int64_t batches = batches_per_epoch();
  if (first_step_ == 0 || first_step_ % batches != 0 || !saver_.is_saved(first_step_)) return;
  const bool is_best = saver_.best() && saver_.best()->step == first_step_;
  if (is_best && recorder_.evaluated("validation")) return;
  BatchEvent event;
  event.epoch = first_step_ / batches;
  event.epochs = plan_.epochs;
  event.batch = event.batches = batches;
  event.step = first_step_;
  event.batch_size = images_per_step();
  validate(event);
}

}  // namespace evenkeel::cli
