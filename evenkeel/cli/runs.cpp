// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/report/run_tables.h"
#include "evenkeel/study/run_list.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char kUsualFolder[] = "runs";

// A folder, its name below runs/, or its number there.
fs::path folder_of(const std::string& given) {
  std::error_code error;
  const fs::path usual = kUsualFolder;
  if (fs::is_directory(given, error)) return given;
  if (fs::is_directory(usual / given, error)) return usual / given;
  std::vector<fs::path> numbered;
  if (!given.empty() && given.find_first_not_of("0123456789") == std::string::npos) {
    for (const ListedRun& run : list_runs(usual).runs) {
      const std::size_t digits = std::min(run.name.find('-'), run.name.size());
      const std::size_t zeros = std::min(run.name.find_first_not_of('0'), digits);
      if (run.name.substr(zeros, digits - zeros) == given) numbered.push_back(run.folder);
    }
  }
  if (numbered.size() == 1) return numbered.front();
  throw InvalidArgument("runs compare", "expected a run's folder, its name or its number in " +
                                            usual.string() + ", got '" + given + "'; " +
                                            "'evenkeel runs' lists what is there");
}

int compare(const RunsArguments& arguments) {
  std::vector<ListedRun> runs;
  for (const std::string& given : arguments.compare) runs.push_back(list_run(folder_of(given)));
  if (arguments.json)
    std::cout << comparison_json(runs) << "\n";
  else
    std::cout << comparison_table(runs);
  return kDone;
}

void tell_of_none(const fs::path& folder, bool filtered_out) {
  if (filtered_out)
    notice("No run in " + folder.string() + " is as --filter says");
  else
    notice("No runs in " + folder.string() +
           " yet; 'evenkeel train' makes one, below runs/ unless it is told --out");
}

}  // namespace

int run(const RunsArguments& arguments) {
  if (!arguments.compare.empty()) return compare(arguments);
  const fs::path folder = arguments.folder.empty() ? fs::path(kUsualFolder) : arguments.folder;
  if (!arguments.folder.empty() && !fs::is_directory(folder))
    throw InvalidArgument("runs", "expected a folder, " + folder.string() + " is none");
  RunList list = list_runs(folder);
  const bool any = !list.runs.empty();
  std::vector<ListedRun> runs = filtered(std::move(list.runs), arguments.filter);
  if (arguments.sort) sort_by(runs, *arguments.sort);
  if (arguments.json) {
    for (const ListedRun& run : runs) std::cout << to_json(run) << "\n";
  } else if (!runs.empty()) {
    std::cout << runs_table(runs);
  }
  if (runs.empty()) tell_of_none(folder, any);
  for (const fs::path& other : list.others)
    notice("More runs in " + other.string() + ": 'evenkeel runs " + other.string() + "'");
  return kDone;
}

}  // namespace evenkeel::cli
