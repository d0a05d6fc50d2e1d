// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/base/version.h"
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {
namespace {

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

// The innermost command that was typed, which knows what could have been meant.
const CLI::App& innermost(const CLI::App& app) {
  const auto typed = app.get_subcommands();
  return typed.empty() ? app : innermost(*typed.front());
}

constexpr const char kSeeHelp[] = "\nRun with --help for what is there.";

std::string text_of(const CLI::App& command, const CLI::ParseError& error) {
  const std::vector<std::string> rest = command.remaining(true);
  const bool wants_word = command.get_require_subcommand_min() > 0;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr && !wants_word) return error.what();
  if (rest.empty()) return "expected one of " + list_of(names_of(command));
  const std::string word = rest.front().substr(0, rest.front().find('='));
  if (word.starts_with('-'))
    return "unknown flag '" + word + "'" + did_you_mean(word, flags_of(command));
  return "unknown argument '" + word + "'" + did_you_mean(word, names_of(command));
}

[[noreturn]] void fail(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = innermost(app);
  const std::string name = command.get_parent() == nullptr ? "command" : command.get_name();
  throw InvalidArgument(name, text_of(command, error) + kSeeHelp);
}

void require_known_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const std::string word = argv[1];
  const std::vector<std::string> known = names_of(app);
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  throw InvalidArgument("command",
                        "unknown command '" + word + "'" + did_you_mean(word, known) + kSeeHelp);
}

void add_version(CLI::App& app, VersionArguments& a) {
  app.add_subcommand("version", "Version, instruction set, oneDNN, threads")
      ->add_flag("--json", a.json, "One JSON object");
}

}  // namespace

std::optional<Arguments> parse(int argc, const char* const* argv, std::ostream& out) {
  CLI::App app("Trains batch-normalised networks natively on CPU.", "evenkeel");
  app.set_version_flag("--version", "evenkeel " + std::string(kVersion));
  app.require_subcommand(1);
  // Each command with what it was told.
  std::map<std::string, std::function<Arguments()>> commands;
  const auto command = [&](const char* name, auto& arguments, const auto& add) {
    add(app, arguments);
    commands[name] = [&arguments] { return Arguments(arguments); };
  };
  TrainArguments train;
  EvaluateArguments evaluate;
  PredictArguments predict;
  SummaryArguments summary;
  DoctorArguments doctor;
  CompareArguments compare;
  CompareRunArguments compare_run;
  RecalibrateArguments recalibrate;
  DataArguments data;
  RecipeArguments recipe;
  ReportArguments report;
  LrFindArguments lr_find;
  SweepArguments sweep;
  SweepRunArguments sweep_run;
  RunsArguments runs;
  VersionArguments version;
  command("train", train, add_train);
  command("evaluate", evaluate, add_evaluate);
  command("predict", predict, add_predict);
  command("summary", summary, add_summary);
  command("doctor", doctor, add_doctor);
  command("compare", compare, add_compare);
  command("compare-run", compare_run, add_compare_run);
  command("recalibrate", recalibrate, add_recalibrate);
  command("recipe", recipe, add_recipe);
  command("data", data, add_data);
  command("report", report, add_report);
  command("lr-find", lr_find, add_lr_find);
  command("sweep", sweep, add_sweep);
  command(kSweepRun, sweep_run, add_sweep_run);
  command("runs", runs, add_runs);
  command("version", version, add_version);

  require_known_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success, out, out);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    fail(app, error);
  }
  return commands.at(app.get_subcommands().front()->get_name())();
}

}  // namespace evenkeel::cli
