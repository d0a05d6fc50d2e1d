// SPDX-License-Identifier: Apache-2.0
// evenkeel sweep
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os_child.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/parse.h"
#include "evenkeel/cli/parse_parts.h"
#include "evenkeel/cli/progress_bar.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/report/axis.h"
#include "evenkeel/report/sweep_report.h"
#include "evenkeel/report/tables.h"
#include "evenkeel/study/sweep/run.h"
#include "evenkeel/train/feed.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using namespace sweep;

std::string quoted(const std::string& word) {
  const bool plain = word.find_first_of(" \t\n\"'`$\\&|;<>()[]{}*?#~!") == std::string::npos;
  if (plain && !word.empty()) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

sweep::Plan plan_of(const SweepArguments& arguments) {
  sweep::Plan plan;
  const std::string& subject = arguments.run.model.value();
  plan.name = names_recipe(subject) ? fs::path(subject).stem().string() : subject;
  plan.command = "evenkeel train " + quoted(subject);
  for (const std::string& set : arguments.run.set) plan.command += " --set " + quoted(set);
  if (arguments.run.data) plan.command += " --data " + quoted(*arguments.run.data);
  if (arguments.run.epochs) plan.command += " --epochs " + std::to_string(*arguments.run.epochs);
  plan.settings = settings_of(arguments.run);
  plan.parameters = parse_parameters(arguments.grid);
  plan.draws = arguments.random.value_or(0);
  plan.strategy = arguments.asha   ? Strategy::asha
                  : plan.draws > 0 ? Strategy::random
                                   : Strategy::grid;
  plan.seed = arguments.seed;
  plan.seeds = arguments.seeds;
  if (arguments.rung && !arguments.asha)
    throw InvalidArgument("--rung", "expected --asha with it; leave it out");
  plan.first_rung = arguments.rung.value_or(1);
  require_one_of("--by", arguments.metric, {"accuracy", "loss"});
  plan.metric = arguments.metric == "loss" ? Metric::loss : Metric::accuracy;
  return plan;
}

// Loads the data once, so that what is wrong is said before a run begins, and that what is decoded
// is there for all runs to map. Of a grid every combination has to fit; of what is drawn, one that
// does not is a run that failed.
void require_trainable(const Sweep& sweep, const fs::path& directory) {
  std::map<std::string, Splits> loaded;
  const std::size_t combinations = sweep.trials.size() / static_cast<std::size_t>(sweep.plan.seeds);
  const std::size_t looked_at = sweep.plan.draws > 0 ? 1 : std::min<std::size_t>(combinations, 200);
  for (std::size_t i = 0; i < looked_at; ++i) {
    const Recipe& recipe = sweep.trials[i].recipe;
    const std::string name = recipe.data.value_or("mnist");
    const std::string key = data_key(name, recipe);
    if (loaded.count(key) == 0)
      loaded.emplace(key, load_data(name, dataset_options_of(recipe, directory)));
    const Splits& data = loaded.at(key);
    if (data.validation.size() == 0)
      throw InvalidArgument(name, "expected validation images, by which runs are judged");
    if (data.test.size() == 0)
      throw InvalidArgument("data.test", "expected images to test on when a run ends, got none");
    const BatchSampler fits(data.train.size(), recipe.batch * recipe.accumulate);
    check_class_weights(recipe, data.train.classes(), data.class_names, sweep.plan.settings);
    optimizer_of(recipe);
    require_fitting(model_of(recipe, &data.train), loss_of(recipe), data.train);
  }
}

class SweepReporter {
 public:
  SweepReporter(const Sweep& sweep, const SweepArguments& arguments)
      : sweep_(sweep), arguments_(arguments) {}

  void plan(const fs::path& out, int jobs) {
    if (arguments_.quiet) return;
    const Totals totals = totals_of(sweep_);
    const auto runs = std::ssize(sweep_.trials);
    const std::int64_t there = totals.done + totals.diverged;
    if (arguments_.json) {
      print({{"event", "plan"}, {"runs", runs}, {"left", runs - there}, {"out", out.string()}});
      return;
    }
    notice(fmt::format("{} runs{}, {} at a time, each with {} thread{}; in {}", runs,
                       there > 0 ? fmt::format(", {} of them there already", there) : "", jobs,
                       arguments_.threads, arguments_.threads == 1 ? "" : "s", out.string()));
  }

  void progress(const SweepProgress& progress) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started_;
    std::string line =
        fmt::format("Run {}/{}  {:3.0f} %", std::min(progress.ended + 1, progress.runs),
                    progress.runs, 100 * progress.share);
    if (progress.share > 0.01)
      line += "  " + readable_time(spent.count() * (1 / progress.share - 1)) + " left";
    bar_.show_line(line + best_so_far());
  }

  void ended(std::size_t trial) {
    if (arguments_.quiet) return;
    if (arguments_.json) {
      Json json = {{"event", "run"}};
      json.update(Json::parse(run_json(sweep_, trial)));
      print(json);
      return;
    }
    bar_.clear();
    notice(run_line(sweep_, trial));
  }

  void done(const fs::path& folder, const fs::path& page) {
    bar_.clear();
    if (!arguments_.json) {
      std::cout << sweep_text(sweep_) << page.string() << std::endl;
      return;
    }
    Json json = {
        {"event", "done"}, {"page", page.string()}, {"numbers", (folder / "sweep.json").string()}};
    const Json numbers = Json::parse(to_json(sweep_));
    json["ranking"] = numbers.at("ranking");
    json["importance"] = numbers.at("importance");
    print(json);
  }

  void clear() { bar_.clear(); }

 private:
  static void print(const Json& json) {
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }

  std::string best_so_far() const {
    const auto all = ranking(sweep_);
    if (all.empty() || all.front().scored == 0) return "";
    return "  best " + (sweep_.plan.metric == Metric::accuracy ? percent_text(all.front().accuracy)
                                                               : short_number(all.front().loss));
  }

  const Sweep& sweep_;
  const SweepArguments& arguments_;
  ProgressBar bar_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

std::vector<std::string> words_of(const RunTask& task, const SweepArguments& arguments) {
  // Behind "--" all are words of the run.
  std::vector<std::string> words = {kSweepRun, "--pause-after", std::to_string(task.until), "--",
                                    "train"};
  if (task.recipe.empty())
    words.insert(words.end(), {"--resume", task.run.string()});
  else
    words.insert(words.end(), {task.recipe.string(), "--out", task.run.string()});
  words.insert(words.end(), {"--threads", std::to_string(arguments.threads), "--quiet"});
  if (!arguments.run.data_dir.empty())
    words.insert(words.end(), {"--data-dir", arguments.run.data_dir.string()});
  return words;
}

// A sweep of which nothing came says what was wrong with the first run.
int exit_code(const Sweep& sweep) {
  const Totals totals = totals_of(sweep);
  if (totals.done > 0 || totals.diverged > 0 || totals.unfinished > 0 || totals.failed == 0)
    return kDone;
  notice("evenkeel: every run failed; the first: " + sweep.states.front().result.error);
  return kFailed;
}

}  // namespace

int run(const SweepArguments& arguments) {
  Sweep sweep;
  sweep.plan = plan_of(arguments);
  sweep.trials = trials_of(sweep.plan);
  sweep.states.resize(sweep.trials.size());
  fs::path out = arguments.out;
  if (!out.empty()) SweepFolder::require_usable(out, sweep);
  require_trainable(sweep, arguments.run.data_dir);
  const Interruption interruption;
  if (out.empty()) out = make_next_run_folder("runs", "sweep-" + sweep.plan.name);
  const SweepFolder folder = SweepFolder::open(out, sweep);
  sweep.states = folder.states(sweep);

  RunOptions options;
  options.jobs = arguments.jobs.value_or(std::max(1, default_threads() / arguments.threads));
  options.words = [&](const RunTask& task) { return words_of(task, arguments); };
  options.stop = [&] { return interruption.requested(); };
  SweepReporter reporter(sweep, arguments);
  if (!arguments.quiet && !arguments.json)
    options.on_progress = [&](const SweepProgress& progress) { reporter.progress(progress); };
  options.on_ended = [&](std::size_t trial) { reporter.ended(trial); };
  reporter.plan(out, options.jobs);
  const bool whole = make_runs(folder, sweep, options);
  folder.write(sweep);
  if (!whole) {
    reporter.clear();
    notice("interrupted; the same command with --out " + out.string() + " goes on");
    return kInterrupted;
  }
  reporter.done(out, folder.write_page(sweep_page(sweep)));
  return exit_code(sweep);
}

int run(const SweepRunArguments& arguments) {
  os::end_with_parent();
  os::leave_process_group();
  std::vector<const char*> words = {"evenkeel"};
  for (const std::string& word : arguments.words) words.push_back(word.c_str());
  const auto parsed = parse(static_cast<int>(words.size()), words.data(), std::cout);
  if (!parsed || !std::holds_alternative<TrainArguments>(*parsed))
    throw InvalidArgument(kSweepRun, "expected the words of `train`");
  const auto& train = std::get<TrainArguments>(*parsed);
  use_instruction_set(train.isa.value_or("auto"));
  return run(train, arguments.pause_after);
}

}  // namespace evenkeel::cli
