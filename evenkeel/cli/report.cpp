// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/load_trainer.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/notes.h"
#include "evenkeel/report/run_report.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

fs::path output_of(const ReportArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  if (arguments.runs.size() > 1) return "report.html";
  const fs::path& run = arguments.runs.front();
  return (fs::is_directory(run) ? run : run.parent_path()) / "report.html";
}

// Whoever asks again means to have the page anew; any other file is somebody's.
void require_writable(const fs::path& out) {
  constexpr std::size_t kHead = std::size_t{1} << 16;
  if (!fs::exists(out)) return;
  std::string head(kHead, '\0');
  if (fs::is_regular_file(out)) {
    std::ifstream file(out, std::ios::binary);
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    if (head.empty() || head.find(kRunPageMark) != std::string::npos) return;
  }
  throw InvalidArgument("--out", "expected the name of a new file or of an earlier report, " +
                                     out.string() +
                                     " is something else; choose another with --out");
}

// The data sets of the runs, each read once.
class Data {
 public:
  explicit Data(const ReportArguments& arguments) : arguments_(arguments) {}

  // nullptr, with the reason, where they are not on this machine.
  const Splits* of(const Checkpoint& checkpoint, std::string& why) {
    const Recipe recipe = from_notes(checkpoint.notes);
    const std::string name = arguments_.data ? *arguments_.data : recipe.data.value_or("");
    const std::string left_out = "What needs images is left out: ";
    if (name.empty()) {
      why = left_out + "the checkpoint does not say what it was trained on; --data NAME says so.";
      return nullptr;
    }
    const auto known = datasets::names();
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known ? !on_this_machine(name, arguments_.data_dir) : !fs::exists(name)) {
      why =
          left_out + name + " is not on this machine; " +
          (is_known ? "'evenkeel data fetch " + name + "' gets it, or --data-dir says where it is."
                    : "--data says where it is.");
      return nullptr;
    }
    try {
      return &read(name, recipe);
    } catch (const Error& error) {
      why = left_out + error.what();
      return nullptr;
    }
  }

 private:
  const Splits& read(const std::string& name, const Recipe& recipe) {
    const std::string key = data_key(name, recipe);
    auto found = sets_.find(key);
    if (found == sets_.end())
      found =
          sets_.emplace(key, datasets::load(name, dataset_options_of(recipe, arguments_.data_dir)))
              .first;
    return found->second;
  }

  const ReportArguments& arguments_;
  std::map<std::string, Splits> sets_;
};

// Those of one name are told apart by their paths.
void name_apart(std::vector<ReportedRun>& runs, const std::vector<fs::path>& paths) {
  std::map<std::string, int> count;
  for (const ReportedRun& run : runs) ++count[run.record.name];
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (count[runs[i].record.name] > 1) runs[i].record.name = paths[i].string();
}

std::optional<RunLook> look_of(const fs::path& path, const ReportArguments& arguments, Data& data,
                               std::vector<std::string>& remarks) {
  const Tell tell = [&](const std::string& text) {
    notice(text);
    remarks.push_back(text);
  };
  std::optional<ChosenCheckpoint> chosen;
  try {
    chosen = choose_checkpoint(path, tell);
  } catch (const DataError& error) {
    if (!fs::is_directory(path)) throw;
    tell(std::string("Nothing of the network: ") + error.what());
    return std::nullopt;
  }
  LookOptions options;
  options.split = arguments.split;
  options.profile = !arguments.no_data;
  options.data =
      arguments.no_data ? nullptr : data.of(chosen->found.checkpoint, options.why_no_data);
  return look_at(
      *chosen, [&] { return load_trainer(chosen->found, arguments.threads, {}, {}); }, options);
}

// "accuracy 97.76 % on test".
std::string result_text(const ReportedRun& run) {
  const RunOutcome outcome = outcome_of(run.record);
  if (outcome.test) return fmt::format("test accuracy = {:.4f}", outcome.test->accuracy);
  if (run.look && run.look->judged)
    return fmt::format("{} accuracy = {:.4f}", run.look->split,
                       run.look->judged->confusion.accuracy());
  return outcome.step > 0 ? "step " + with_thousands(outcome.step) : "no metrics";
}

}  // namespace

int run(const ReportArguments& arguments) {
  Splits{}.named(arguments.split);  // refuses an unknown one before anything is read
  std::vector<ReportedRun> runs;
  for (const fs::path& path : arguments.runs) runs.push_back({read_recorded_run(path), {}});
  name_apart(runs, arguments.runs);
  const fs::path out = output_of(arguments);
  require_writable(out);

  Data data(arguments);
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i].look = look_of(arguments.runs[i], arguments, data, runs[i].record.remarks);
  const std::string page = run_page(runs);
  if (out.has_parent_path()) os::make_directories(out.parent_path());
  os::write_file_atomically(out, std::as_bytes(std::span(page)));
  if (arguments.json) {
    std::cout << run_json(runs, out.string()) << "\n";
    return kDone;
  }
  for (const ReportedRun& each : runs)
    std::cout << each.record.name << ": " << result_text(each) << "\n";
  std::cout << fmt::format("Report: {} ({})\n", out.string(),
                           readable_bytes(static_cast<std::int64_t>(page.size())));
  return kDone;
}

}  // namespace evenkeel::cli
