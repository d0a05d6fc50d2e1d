// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/doctor.h"
#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/resumption.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/cli/train_loop.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/recipe/notes.h"
#include "evenkeel/recipe/recipe_file.h"
#include "evenkeel/recipe/save_times.h"
#include "evenkeel/train/evaluate.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/init_from.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

// Names the set in `settings` when nobody has asked for one.
Splits load_training_data(Recipe& settings, const fs::path& directory) {
  const DatasetOptions options = dataset_options_of(settings, directory);
  if (settings.data) return load_data(*settings.data, options);
  settings.data = "mnist";
  if (on_this_machine("mnist", directory)) return load_data("mnist", options);
  try {
    return load_data("mnist", options);
  } catch (const DataError&) {
    if (!on_this_machine("fashion-mnist", directory)) throw;
  }
  notice("mnist is nowhere: training on fashion-mnist in its place");
  settings.data = "fashion-mnist";
  settings.data_fallback = true;
  return load_data("fashion-mnist", options);
}

// 0: the trainer's choice. A resumed run keeps its number of threads, and so its bytes, where the
// machine has that many.
int threads_of(const TrainArguments& arguments, const Resumption& resumption) {
  if (arguments.threads || !resumption.found) return arguments.threads.value_or(0);
  const int here = default_threads();
  const int before = resumption.found->checkpoint.environment.threads;
  if (before < 1 || before > here) return 0;
  if (before < here)
    notice("going on with --threads " + std::to_string(before) + " as before, of " +
           std::to_string(here) + " that there are");
  return before;
}

// A run's folder stands for its newest checkpoint.
void start_from(const fs::path& path, Trainer& trainer, RunReport& report) {
  const FoundCheckpoint found = open_checkpoint(path, notice);
  report.initialised(init_from(trainer, found.checkpoint, found.path), found.path);
}

Trainer make_trainer(const Recipe& recipe, const Resumption& resumption, int threads,
                     const Dataset& data, RunReport& report) {
  Optimizer optimizer = optimizer_of(recipe);
  TrainerOptions options = trainer_options_of(recipe);
  options.threads = threads;
  options.dump_directory = pass_options().dump_directory;
  options.log = [&report](Severity, const std::string& text) { report.warning(text); };
  if (auto* recalibrated = std::get_if<Recalibrated>(&options.statistics))
    recalibrated->data = data;
  if (resumption.found) {
    // It may have settings that no recipe has.
    const RunSettings& before = resumption.found->checkpoint.settings;
    optimizer = before.optimizer;
    set_learning_rate(optimizer, recipe.learning_rate);
    options.schedule = before.schedule;
  }
  Trainer trainer(resumption.found ? resumption.found->checkpoint.model(resumption.found->path)
                                   : model_of(recipe, &data),
                  loss_of(recipe), optimizer, options);
  if (resumption.found) trainer.restore(resumption.found->path);
  if (!resumption.found && !recipe.init_from.empty()) start_from(recipe.init_from, trainer, report);
  for (const auto& [key, value] : to_notes(recipe)) trainer.notes()[key] = value;
  return trainer;
}

void require_epochs_left(const Recipe& recipe, std::int64_t step, std::int64_t batches) {
  if (step <= recipe.epochs * batches) return;
  throw InvalidArgument("--epochs", "expected at least the " +
                                        std::to_string((step + batches - 1) / batches) +
                                        " epochs that the run has done or begun, got " +
                                        std::to_string(recipe.epochs) + "; it is the total");
}

// The trainer as it was examined, and whether what was found is as serious as --fail-on says; all
// that was found is on stderr.
struct Examined {
  Patient patient;
  bool failed = false;
};
Examined examined(const Trainer& trainer, const ExamineOptions& options,
                  const TrainArguments& arguments) {
  Patient patient = patient_of(trainer);
  const std::string when = options.before == nullptr ? "before it trains" : "after training";
  const auto findings = examine(patient, options);
  print_findings(std::cerr,
                 patient.name + " " + when + ", on training images of " + options.data.name(),
                 findings, arguments.json);
  if (!arguments.json) notice("");
  return {std::move(patient), fails(findings, arguments.fail_on)};
}

// A run that goes on from an earlier checkpoint takes another course than those behind it.
void leave_later_checkpoints(const fs::path& folder, std::int64_t step, RunReport& report) {
  std::string of_later_steps;
  std::string damaged;
  for (const SetAside& moved : set_aside_checkpoints_after(folder, step)) {
    std::string& list = moved.damaged ? damaged : of_later_steps;
    list += (list.empty() ? "" : ", ") + moved.path.filename().string();
  }
  const auto tell = [&](const char* what, const std::string& list) {
    if (list.empty()) return;
    report.warning("the run goes on from step " + std::to_string(step) + ": " + what +
                   " were moved to " + (folder / "abandoned").string() + ": " + list);
  };
  tell("damaged checkpoints", damaged);
  tell("checkpoints of later steps", of_later_steps);
}

TrainPlan plan_of(const Recipe& recipe, const TrainArguments& arguments, const fs::path& folder,
                  const Dataset& validation, std::int64_t pause_after) {
  TrainPlan plan;
  plan.epochs = recipe.epochs;
  plan.pause_after = pause_after;
  plan.batch = recipe.batch;
  plan.log_every = arguments.quiet ? 0 : recipe.log_every;
  plan.eval_every = recipe.eval_every;
  plan.save_every = parse_save_times(recipe.save_every);
  plan.keep = recipe.keep;
  plan.metrics_every = recipe.metrics_every;
  plan.folder = folder;
  plan.accumulate = recipe.accumulate;
  plan.augment = augmentation_of(recipe);
  if (recipe.loaders) plan.loaders = static_cast<int>(*recipe.loaders);
  plan.validate = once_a_step(evaluate_on(validation));
  plan.callbacks = callbacks_of(recipe, plan.validate);
  return plan;
}

}  // namespace

int run(const TrainArguments& arguments) { return run(arguments, 0); }

int run(const TrainArguments& arguments, std::int64_t pause_after) {
  Resumption resumption = resumption_of(arguments);
  Recipe recipe = resolve(arguments, resumption.notes, resumption.reporting);
  const std::vector<Setting> typed = settings_of(arguments);
  check_data_name(recipe, typed);
  machine_of(arguments.threads, recipe.kernels);  // refuses those that this build is without
  if (!arguments.isa) use_instruction_set(recipe.isa);
  require_fail_on(arguments.fail_on);
  if (arguments.fail_on && !arguments.doctor)
    throw InvalidArgument("--fail-on", "expected --doctor beside it, whose findings it is about");
  require_folder_to_write(arguments, resumption);
  // An unknown name is told before data are read; layers want to see the images.
  if (!resumption.found && recipe.layers.empty()) model_of(recipe);
  const Splits data = load_training_data(recipe, arguments.data_dir);
  if (data.test.size() == 0)
    throw InvalidArgument("data.test", "expected images to test on when the run ends, got none");
  check_class_weights(recipe, data.train.classes(), data.class_names, typed);
  const Interruption interruption;  // before this, a signal ends the process: nothing is lost
  const std::int64_t batches =
      BatchSampler(data.train.size(), recipe.batch * recipe.accumulate).batches_per_epoch();

  const auto report = arguments.json ? make_json_report(recipe, arguments.quiet)
                                     : make_text_report(recipe, arguments.quiet);
  Trainer trainer =
      make_trainer(recipe, resumption, threads_of(arguments, resumption), data.train, *report);
  resumption.found.reset();  // its tensors are the trainer's now
  // What cannot train is refused before a folder is made.
  require_fitting(trainer.model(), loss_of(recipe), data.train);
  require_epochs_left(recipe, trainer.completed_steps(), batches);
  trainer.plan(recipe.batch);
  const int threads = trainer.threads();
  ExamineOptions examine_options = {data.train, recipe.batch,   recipe.epochs,
                                    threads,    recipe.kernels, math_of(recipe.math)};
  std::optional<Examined> before;
  if (arguments.doctor) before = examined(trainer, examine_options, arguments);
  if (before && before->failed) return kFailed;
  if (arguments.profile) trainer.start_profile();

  const fs::path folder = folder_of(arguments, resumption, recipe);
  resumption.lock.take(folder);
  remove_unfinished(folder);
  leave_later_checkpoints(folder, trainer.completed_steps(), *report);
  write_run_notes(folder, to_notes(recipe));
  write_recipe(folder, recipe);
  report->started({recipe, data.train.size(), data.validation.size(), data.test.size(), batches,
                   trainer.completed_steps(), numeric_environment(threads), folder});
  TrainLoop loop(trainer, data, plan_of(recipe, arguments, folder, data.validation, pause_after),
                 interruption, *report);
  const RunDone done = loop.run();
  if (arguments.profile && trainer.profile() != nullptr) report->profiled(*trainer.profile());
  report->done(done);
  if (done.interrupted) return kInterrupted;
  if (done.paused) return kDone;
  if (before) examine_options.before = &before->patient;
  return before && examined(trainer, examine_options, arguments).failed ? kFailed : kDone;
}

}  // namespace evenkeel::cli
