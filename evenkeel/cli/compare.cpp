// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_child.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/compare_settings.h"
#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/progress_bar.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/report/compare_report.h"
#include "evenkeel/report/tables.h"
#include "evenkeel/study/compare/run.h"
#include "evenkeel/study/compare/schedule.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using namespace compare;

void write_text(const fs::path& path, const std::string& text) {
  os::write_file_atomically(path, std::as_bytes(std::span(text)));
}

// Of the steps left; evaluations and measurements cost about as much as so many steps more.
double seconds_left(const StudyFolder& folder, const std::vector<double>& step_seconds,
                    const Splits& data, int jobs) {
  constexpr double kForward = 1.0 / 3;  // of a step's work
  constexpr double kProbesAsImages = 30 * 256;
  constexpr double kStart = 0.3;  // of a process: data, compiling
  const Study& study = folder.study();
  const double images =
      static_cast<double>(study.evaluations * data.test.size()) * kForward + kProbesAsImages;
  const double extra_steps = images / static_cast<double>(study.batch);
  double seconds = 0;
  for (const Run& run : runs_of(study))
    if (!folder.finished(run))
      seconds +=
          kStart + step_seconds[run.alternative] * (static_cast<double>(study.steps) + extra_steps);
  return seconds / jobs;
}

class Reporter {
 public:
  Reporter(const StudyFolder& folder, const CompareArguments& arguments)
      : folder_(folder), arguments_(arguments) {}

  void plan(std::int64_t left, double seconds) {
    if (arguments_.quiet) return;
    const auto runs = static_cast<std::int64_t>(runs_of(folder_.study()).size());
    if (arguments_.json)
      std::cout << Json{{"event", "plan"},
                        {"runs", runs},
                        {"left", left},
                        {"seconds", seconds},
                        {"out", folder_.path().string()}}
                       .dump()
                << std::endl;
    else
      notice(fmt::format("{} runs of {} steps{}: about {} to go", runs,
                         with_thousands(folder_.study().steps),
                         left < runs ? fmt::format(", {} of them there already", runs - left) : "",
                         readable_time(seconds)));
  }

  void progress(const StudyProgress& progress) {
    const double share = progress.steps > 0 ? static_cast<double>(progress.steps_done) /
                                                  static_cast<double>(progress.steps)
                                            : 1;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - started_;
    bar_.show_line(fmt::format(
        "Run {}/{}  {:3.0f} %{}", std::min(progress.finished + 1, progress.runs), progress.runs,
        100 * share,
        share > 0.01 ? "  " + readable_time(spent.count() * (1 / share - 1)) + " left" : ""));
  }

  void finished(const Run& run, const RunRecord& record) {
    if (arguments_.quiet || !arguments_.json) return;
    const Study& study = folder_.study();
    Json json = {
        {"event", "run"},
        {"alternative", study.alternatives[run.alternative].name},
        {"learning_rate", study.learning_rates[run.learning_rate]},
        {"seed", run.seed},
        {"steps", record.steps},
        {"seconds", record.seconds},
        {"accuracy",
         record.tests.empty() || record.diverged ? Json() : Json(record.tests.back().accuracy)},
        {"diverged_at", record.diverged ? Json(record.diverged->step) : Json()}};
    std::cout << json.dump() << std::endl;
  }

  void done(const Results& results, const fs::path& page) {
    bar_.clear();
    if (arguments_.json) {
      const Analysis analysis(results);
      std::cout << Json{{"event", "done"},
                        {"page", page.string()},
                        {"numbers", (folder_.path() / "compare.json").string()},
                        {"headlines", headlines(analysis)}}
                       .dump()
                << std::endl;
      return;
    }
    std::cout << compare_text(results) << "\n" << page.string() << std::endl;
  }

  void clear() { bar_.clear(); }

 private:
  const StudyFolder& folder_;
  const CompareArguments& arguments_;
  ProgressBar bar_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

// The folder, once nothing is left to be refused; and what a step of each alternative takes.
StudyFolder folder_of(const CompareArguments& arguments, const Study& study, const Dataset& data,
                      std::vector<double>& step_seconds) {
  fs::path out = arguments.out;
  if (!out.empty()) StudyFolder::require_usable(out, study);
  const auto known = StudyFolder::timing(out, study);
  step_seconds = known ? *known : time_alternatives(study, data);
  const std::string name = study.preset.empty() ? study.network : study.preset;
  if (out.empty()) out = make_next_run_folder("runs", "compare-" + name);
  StudyFolder folder = StudyFolder::open(out, study);
  if (!known) folder.write_timing(step_seconds);
  return folder;
}

Results results_of(const StudyFolder& folder, const std::vector<double>& step_seconds) {
  Results results{folder.study(), {}, step_seconds};
  for (const Run& run : runs_of(folder.study())) results.records.push_back(folder.record(run));
  return results;
}

}  // namespace

int run(const CompareArguments& arguments) {
  Study study = study_of(arguments);
  const Splits data = load_data(study.data, arguments.data_dir);
  set_steps(arguments, data.train, study);
  const Interruption interruption;
  std::vector<double> step_seconds;
  const StudyFolder folder = folder_of(arguments, study, data.train, step_seconds);

  Reporter reporter(folder, arguments);
  std::int64_t left = 0;
  for (const Run& each : runs_of(study)) left += folder.finished(each) ? 0 : 1;
  reporter.plan(left, seconds_left(folder, step_seconds, data, arguments.jobs));

  ScheduleOptions options;
  options.jobs = arguments.jobs;
  options.words = [&](const Run& each) {
    std::vector<std::string> words = {kCompareRun, folder.path().string(), each.name};
    if (!arguments.data_dir.empty())
      words.insert(words.end(), {"--data-dir", arguments.data_dir.string()});
    return words;
  };
  options.stop = [&] { return interruption.requested(); };
  options.on_progress = [&](const StudyProgress& progress) {
    if (!arguments.quiet) reporter.progress(progress);
  };
  options.on_finished = [&](const Run& each, const RunRecord& record) {
    reporter.finished(each, record);
  };
  if (!make_runs(folder, options)) {
    reporter.clear();
    notice("interrupted; the same command with --out " + folder.path().string() + " goes on");
    return kInterrupted;
  }
  const Results results = results_of(folder, step_seconds);
  write_text(folder.path() / "compare.json", compare_json(results));
  write_text(folder.path() / "index.html", compare_page(results));
  reporter.done(results, folder.path() / "index.html");
  return kDone;
}

int run(const CompareRunArguments& arguments) {
  os::end_with_parent();
  const StudyFolder folder = StudyFolder::existing(arguments.folder);
  use_instruction_set(folder.study().isa);
  const Run run = folder.run(arguments.run);
  const Splits data = load_data(folder.study().data, arguments.data_dir);
  auto told = std::chrono::steady_clock::now();
  folder.write(run, make_run(folder.study(), run, data, [&](std::int64_t step) {
                 const auto now = std::chrono::steady_clock::now();
                 if (now - told < std::chrono::milliseconds(200)) return;
                 told = now;
                 std::cout << step << std::endl;
               }));
  return kDone;
}

}  // namespace evenkeel::cli
