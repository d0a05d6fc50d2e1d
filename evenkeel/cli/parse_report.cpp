// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {

void add_report(CLI::App& app, ReportArguments& a) {
  CLI::App* const report = app.add_subcommand(
      "report", "One HTML page about a run or many: curves, batch norm, mistakes, filters, time");
  report->add_option("runs", a.runs, "Runs' folders, or checkpoints")->type_name("RUN")->required();
  report->add_option("--out", a.out, "The page: a new file, or an earlier report")
      ->type_name("FILE")
      ->default_str("RUN/report.html; of many runs report.html");
  report->add_option("--data", a.data, "Data set")
      ->type_name("NAME")
      ->default_str("the one trained on, where it is here");
  add_data_dir(report, a.data_dir);
  report->add_option("--split", a.split, "What is judged: train, validation or test")
      ->type_name("NAME")
      ->capture_default_str();
  report->add_flag(
      "--no-data", a.no_data,
      "Only what the files tell: the network is not run, no confusion matrix, mistakes "
      "or times");
  add_threads(report, a.threads);
  report->add_flag("--json", a.json, "The page's numbers as one JSON object");
}

}  // namespace evenkeel::cli
