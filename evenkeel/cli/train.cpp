// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/doctor.h"
#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/optimizer_settings.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/cli/save_times.h"
#include "evenkeel/cli/statistics_setting.h"
#include "evenkeel/cli/train_loop.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/train/feed.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

// What --resume stands for: a checkpoint, or a folder that has none yet.
struct Resumption {
  std::optional<FoundCheckpoint> found;
  fs::path folder;  // to go on in; empty: a new one
  Notes notes;
};

// A checkpoint made by the library has no notes of the command, but its settings all the same.
Notes notes_of(const Checkpoint& checkpoint) {
  TrainSettings settings;
  settings.model = checkpoint.network.name();
  take_settings(checkpoint.settings, settings);
  Notes notes = notes_of(settings);
  for (const char* unknown : {"epochs", "batch", "statistics_rule"}) notes.erase(unknown);
  for (const auto& [key, value] : checkpoint.notes) notes[key] = value;
  return notes;
}

bool same_place(const fs::path& a, const fs::path& b) {
  return fs::weakly_canonical(a) == fs::weakly_canonical(b);
}

Resumption resumption_of(const TrainArguments& arguments) {
  Resumption result;
  const fs::path& from = arguments.resume;
  if (from.empty()) return result;
  if (fs::is_directory(from)) {
    result.folder = from;
    remove_unfinished(from);
    result.found = newest_good_checkpoint(from, notice);
    result.notes = read_run_notes(from);
  } else if (!fs::exists(from) && !arguments.out.empty() && same_place(from, arguments.out)) {
    result.folder = from;  // a run that was killed before it made its folder
  } else {
    result.found = FoundCheckpoint{from, Checkpoint::read(from)};
    const auto siblings = checkpoints_in(from.has_parent_path() ? from.parent_path() : ".");
    for (const fs::path& sibling : siblings)
      if (same_place(sibling, from)) result.folder = sibling.parent_path();
  }
  if (result.found) result.notes = notes_of(result.found->checkpoint);
  return result;
}

void require_folder_to_write(const TrainArguments& arguments, const Resumption& resumption) {
  const fs::path& out = arguments.out;
  if (out.empty() || !fs::exists(out)) return;
  if (!fs::is_directory(out))
    throw InvalidArgument("--out", "expected a folder, " + out.string() + " is a file");
  if (fs::is_empty(out)) return;
  if (arguments.resume.empty()) {
    throw InvalidArgument("--out", "expected a new or empty folder, " + out.string() +
                                       " has files; '--resume " + out.string() +
                                       "' goes on with a run");
  }
  if (!checkpoints_in(out).empty() && !same_place(out, resumption.folder)) {
    throw InvalidArgument("--out", "expected the folder of the resumed run or one without " +
                                       std::string("checkpoints, ") + out.string() +
                                       " has those of another run");
  }
}

// Names the set in `settings` when nobody has asked for one.
Splits load_training_data(TrainSettings& settings, const fs::path& directory) {
  if (settings.data) return load_data(*settings.data, directory);
  settings.data = "mnist";
  if (on_this_machine("mnist", directory)) return load_data("mnist", directory);
  try {
    return load_data("mnist", directory);
  } catch (const DataError&) {
    if (!on_this_machine("fashion-mnist", directory)) throw;
  }
  notice("mnist is nowhere: training on fashion-mnist in its place");
  settings.data = "fashion-mnist";
  settings.data_fallback = true;
  return load_data("fashion-mnist", directory);
}

fs::path folder_of(const TrainArguments& arguments, const Resumption& resumption,
                   const TrainSettings& settings) {
  fs::path folder = !arguments.out.empty() ? arguments.out : resumption.folder;
  if (folder.empty()) {
    const std::string stand_in = settings.data_fallback ? "-" + settings.data.value() : "";
    return make_next_run_folder("runs", settings.model + stand_in);
  }
  os::make_directories(folder);
  return folder;
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

Trainer make_trainer(const TrainSettings& settings, const Resumption& resumption, int threads,
                     const Dataset& data, RunReport& report) {
  Optimizer optimizer = optimizer_of(settings);
  TrainerOptions options;
  options.seed = settings.seed;
  options.threads = threads;
  options.precision = settings.precision == "f64" ? Precision::f64 : Precision::f32;
  options.kernels = settings.kernels;
  options.math = math_of(settings.math);
  options.dump_directory = pass_options().dump_directory;
  options.log = [&report](Severity, const std::string& text) { report.warning(text); };
  options.schedule = schedule_of(settings);
  options.statistics = parse_statistics(settings.statistics);
  if (auto* recalibrated = std::get_if<Recalibrated>(&options.statistics))
    recalibrated->data = data;
  if (resumption.found) {
    // It may have settings that no flag has.
    const RunSettings& before = resumption.found->checkpoint.settings;
    optimizer = before.optimizer;
    set_learning_rate(optimizer, settings.learning_rate);
    options.schedule = before.schedule;
  }
  Trainer trainer(resumption.found ? resumption.found->checkpoint.model(resumption.found->path)
                                   : model_of(settings, &data),
                  loss_of(settings), optimizer, options);
  if (resumption.found) trainer.restore(resumption.found->path);
  trainer.notes() = notes_of(settings);
  return trainer;
}

void require_epochs_left(const TrainSettings& settings, std::int64_t step, std::int64_t batches) {
  if (step <= settings.epochs * batches) return;
  throw InvalidArgument("--epochs", "expected at least the " +
                                        std::to_string((step + batches - 1) / batches) +
                                        " epochs that the run has done or begun, got " +
                                        std::to_string(settings.epochs) + "; it is the total");
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

}  // namespace

int run(const TrainArguments& arguments) {
  Resumption resumption = resumption_of(arguments);
  TrainSettings settings = resolve(arguments, resumption.notes);
  const SaveTimes save_every = parse_save_every(arguments.save_every);
  machine_of(arguments.threads, settings.kernels);  // refuses unknown kernels
  if (!arguments.isa) use_instruction_set(settings.isa);
  require_fail_on(arguments.fail_on);
  if (arguments.fail_on && !arguments.doctor)
    throw InvalidArgument("--fail-on", "expected --doctor beside it, whose findings it is about");
  require_folder_to_write(arguments, resumption);
  if (!resumption.found) model_of(settings);
  const Splits data = load_training_data(settings, arguments.data_dir);
  const Interruption interruption;  // before this, a signal ends the process: nothing is lost
  const std::int64_t batches = BatchSampler(data.train.size(), settings.batch).batches_per_epoch();

  const auto report = arguments.json ? make_json_report(settings, arguments.quiet)
                                     : make_text_report(settings, arguments.quiet);
  Trainer trainer =
      make_trainer(settings, resumption, threads_of(arguments, resumption), data.train, *report);
  resumption.found.reset();  // its tensors are the trainer's now
  // What cannot train is refused before a folder is made.
  require_fitting(trainer.model(), loss_of(settings), data.train);
  require_epochs_left(settings, trainer.completed_steps(), batches);
  trainer.plan(settings.batch);
  const int threads = trainer.threads();
  ExamineOptions examine_options = {data.train, settings.batch,   settings.epochs,
                                    threads,    settings.kernels, math_of(settings.math)};
  std::optional<Examined> before;
  if (arguments.doctor) before = examined(trainer, examine_options, arguments);
  if (before && before->failed) return kFailed;
  if (arguments.profile) trainer.start_profile();

  TrainPlan plan;
  plan.epochs = settings.epochs;
  plan.batch = settings.batch;
  plan.log_every = arguments.quiet ? 0 : settings.log_every;
  plan.eval_every = settings.eval_every;
  plan.save_every = save_every;
  plan.keep = arguments.keep;
  plan.folder = folder_of(arguments, resumption, settings);
  write_run_notes(plan.folder, notes_of(settings));
  report->started({settings, data.train.size(), data.validation.size(), data.test.size(), batches,
                   trainer.completed_steps(), numeric_environment(threads), plan.folder});
  TrainLoop loop(trainer, data, plan, interruption, *report);
  const RunDone done = loop.run();
  if (arguments.profile && trainer.profile() != nullptr) report->profiled(*trainer.profile());
  report->done(done);
  if (done.interrupted) return kInterrupted;
  if (before) examine_options.before = &before->patient;
  return before && examined(trainer, examine_options, arguments).failed ? kFailed : kDone;
}

}  // namespace evenkeel::cli
