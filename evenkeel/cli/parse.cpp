// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/base/version.h"
#include "evenkeel/cli/parse_parts.h"
#include "evenkeel/model/networks.h"

namespace evenkeel::cli {
namespace {

// How a network is trained, for the commands that train one or judge the plan to.
void add_training(CLI::App* train, TrainArguments& a) {
  const auto number = [&](const char* flag, std::optional<double>& value, const char* text,
                          const char* otherwise) {
    train->add_option(flag, value, text)->type_name("X")->default_str(otherwise);
  };
  const auto name = [&](const char* flag, std::optional<std::string>& value, const char* text,
                        const char* otherwise) {
    train->add_option(flag, value, text)->type_name("NAME")->default_str(otherwise);
  };
  const auto steps = [&](const char* flag, std::optional<std::int64_t>& value, const char* text) {
    train->add_option(flag, value, text)->check(count())->type_name("N");
  };
  number("--lr", a.learning_rate, "Learning rate, where a schedule starts from",
         "0.001; 0.01 for sgd and rmsprop");
  name("--optimizer", a.optimizer, "adam, adamw, sgd or rmsprop", "adam");
  number("--momentum", a.momentum, "Momentum of sgd or rmsprop", "0");
  // Not bound to the value: CLI11 would set it to false where the flag is absent.
  train->add_flag_callback(
      "--nesterov", [&a] { a.nesterov = true; }, "Nesterov's momentum, with sgd");
  number("--weight-decay", a.weight_decay,
         "Pull of kernels towards zero: decoupled with adamw, else L2 in the gradient",
         "0; 0.01 for adamw");
  number("--clip-norm", a.clip_norm, "Largest norm of all gradients together; 0: any", "0");
  name("--schedule", a.schedule, "Of the rate: constant, step, cosine or one-cycle", "constant");
  steps("--schedule-every", a.schedule_every, "Steps between two drops of --schedule step");
  number("--schedule-factor", a.schedule_factor, "What such a drop multiplies the rate by", "0.1");
  steps("--warm-up", a.warm_up, "Steps over which the rate first rises to its value");
  name("--loss", a.loss, "softmax_cross_entropy, sigmoid_cross_entropy or mean_squared_error",
       "softmax_cross_entropy");
  name("--adam-form", a.adam_form, "Where epsilon stands: tensorflow or pytorch", "tensorflow");
  name("--statistics-rule", a.statistics_rule,
       "How moving statistics follow: count-weighted, or tensorflow (keep 0.99)", "count-weighted");
  train->add_option("--seed", a.seed, "Seed of weights and order")
      ->check(no_sign())
      ->type_name("N")
      ->default_str("1");
}

// The defaults that only a resumed run leaves out are shown with default_str.
void add_train(CLI::App& app, TrainArguments& a) {
  CLI::App* const train = app.add_subcommand(
      "train", "Train a network. mnist-99 has settings of its own; shown are those of the others");
  train->add_option("model", a.model, "Network: " + list_of(network_names()))
      ->type_name("MODEL")
      ->default_str("mnist-cnn");
  train->add_option("--data", a.data, "Data set")
      ->type_name("NAME")
      ->default_str("mnist; fashion-mnist where mnist is nowhere");
  add_data_dir(train, a.data_dir);
  train->add_option("--epochs", a.epochs, "Passes over the data, in all when resumed")
      ->check(positive())
      ->type_name("N")
      ->default_str("10");
  train->add_option("--batch", a.batch, "Images in a batch")
      ->check(positive())
      ->type_name("N")
      ->default_str("128");
  add_training(train, a);
  train
      ->add_option("--statistics", a.statistics,
                   "Evaluate and save with: moving, or recalibrated:N, computed over N training "
                   "images each time (N: 8192)")
      ->type_name("NAME")
      ->default_str("moving");
  add_machine(train, a.threads, a.kernels, a.isa, a.math);
  train->get_option("--threads")
      ->description("Threads to compute on; by default fewer where steps are small")
      ->default_str("as many as are worth it");
  train->add_option("--precision", a.precision, "f32, or f64 (slow: reference kernels)")
      ->type_name("NAME")
      ->default_str("f32");
  train->add_option("--out", a.out, "Folder of the run, new or empty")
      ->type_name("DIR")
      ->default_str("runs/NNN-MODEL");
  train->add_option("--resume", a.resume, "Go on with a run's folder or a checkpoint")
      ->type_name("RUN|CHECKPOINT");
  train->add_option("--log-every", a.log_every, "Batches between two lines; 0: none")
      ->check(count())
      ->type_name("N")
      ->default_str("100");
  train
      ->add_option("--eval-every", a.eval_every,
                   "Epochs between two looks at the validation images; 0: none")
      ->check(count())
      ->type_name("N")
      ->default_str("1");
  train
      ->add_option("--save-every", a.save_every,
                   "Steps (500) or time (60s, 5m) between two checkpoints, beside the epochs' "
                   "own; 0: none")
      ->type_name("N|TIME")
      ->capture_default_str();
  train->add_option("--keep", a.keep, "Checkpoints kept, the last ones and the best; 0: all")
      ->check(count())
      ->type_name("N")
      ->capture_default_str();
  train->add_flag("--doctor", a.doctor,
                  "Say what is wrong with network and settings, before training and after");
  train
      ->add_option("--fail-on", a.fail_on,
                   "With --doctor: exit code 1 where something is as serious, before training "
                   "without training: warn, error")
      ->type_name("SEVERITY");
  train->add_flag("--profile", a.profile, "Show where the time went, by phase and step");
  train->add_flag("--json", a.json, "One JSON object a line");
  train->add_flag("--quiet", a.quiet, "Only warnings and the result");
}

void add_evaluate(CLI::App& app, EvaluateArguments& a) {
  CLI::App* const evaluate = app.add_subcommand("evaluate", "Loss and accuracy of a checkpoint");
  evaluate->add_option("checkpoint", a.checkpoint, "Checkpoint, or a run's folder: its newest")
      ->type_name("CHECKPOINT")
      ->required();
  evaluate->add_option("--data", a.data, "Data set")
      ->type_name("NAME")
      ->default_str("the one trained on");
  add_data_dir(evaluate, a.data_dir);
  evaluate->add_option("--split", a.split, "train, validation or test")
      ->type_name("NAME")
      ->capture_default_str();
  evaluate
      ->add_option("--batch", a.batch,
                   "Images held at a time, at most; slices of 128 give the same numbers for any")
      ->check(positive())
      ->type_name("N")
      ->capture_default_str();
  evaluate->add_option("--top-k", a.top_k, "Also count images whose class is among the K likeliest")
      ->check(count())
      ->type_name("K");
  add_machine(evaluate, a.threads, a.kernels, a.isa, a.math);
  evaluate->add_flag("--json", a.json, "One JSON object");
}

void add_predict(CLI::App& app, PredictArguments& a) {
  CLI::App* const predict = app.add_subcommand("predict", "Classes and probabilities of images");
  predict->add_option("checkpoint", a.checkpoint, "Checkpoint, or a run's folder: its newest")
      ->type_name("CHECKPOINT")
      ->required();
  predict->add_option("files", a.files, "PNG or JPEG files")->type_name("FILE");
  predict->add_option("--index", a.index, "Images of a data set, from 0, such as 3,17,100-105")
      ->type_name("LIST");
  predict->add_option("--data", a.data, "Data set of --index")
      ->type_name("NAME")
      ->default_str("the one trained on");
  add_data_dir(predict, a.data_dir);
  predict->add_option("--split", a.split, "train, validation or test")
      ->type_name("NAME")
      ->capture_default_str();
  predict->add_flag("--resize", a.resize, "Stretch or shrink images to the network's size");
  predict->add_flag("--grey", a.grey, "Turn colour into grey");
  predict->add_flag("--invert", a.invert, "Swap black and white, after the other two");
  predict->add_option("--top", a.top, "Classes shown, the most probable first")
      ->check(positive())
      ->type_name("K")
      ->capture_default_str();
  predict->add_flag("--no-picture", a.no_picture, "Only text, no small pictures");
  add_threads(predict, a.threads);
  add_isa(predict, a.isa);
  add_math(predict, a.math);
  predict->add_flag("--json", a.json, "One JSON object a line");
}

void add_summary(CLI::App& app, SummaryArguments& a) {
  CLI::App* const summary = app.add_subcommand("summary", "Layers of a network, and its plans");
  summary->add_option("model", a.subject, "Network or checkpoint")
      ->type_name("MODEL|CHECKPOINT")
      ->required();
  summary->add_flag("--plan", a.plan, "Passes, phases and kernels of training and inference");
  summary->add_option("--batch", a.batch, "Images in a batch of the plan")
      ->check(positive())
      ->type_name("N")
      ->capture_default_str();
  add_machine(summary, a.threads, a.kernels, a.isa, a.math);
  summary->add_flag("--json", a.json, "One JSON object");
}

void add_doctor(CLI::App& app, DoctorArguments& a) {
  CLI::App* const doctor =
      app.add_subcommand("doctor", "What is wrong with a network, and how to mend it");
  doctor
      ->add_option("subject", a.subject,
                   "Network, checkpoint, run's folder, or a safetensors file of PyTorch or Keras")
      ->type_name("MODEL|CHECKPOINT")
      ->required();
  doctor
      ->add_option("--data", a.data, "Data set whose training images are looked at; none: no data")
      ->type_name("NAME")
      ->default_str("the one trained on, mnist for a network, where it is here");
  add_data_dir(doctor, a.data_dir);
  doctor->add_option("--batch", a.run.batch, "Images in a batch of training")
      ->check(positive())
      ->type_name("N")
      ->default_str("the run's, 128 for a network");
  doctor->add_option("--epochs", a.run.epochs, "Passes over the data that the run makes")
      ->check(positive())
      ->type_name("N")
      ->default_str("the run's, 10 for a network");
  add_training(doctor, a.run);
  doctor
      ->add_option("--before", a.before,
                   "The same network earlier: shows layers that stood still in part")
      ->type_name("CHECKPOINT");
  doctor
      ->add_option("--fail-on", a.fail_on, "Exit code 1 where something is as serious: warn, error")
      ->type_name("LEVEL")
      ->default_str("never");
  add_machine(doctor, a.threads, a.kernels, a.isa, a.math);
  doctor->add_flag("--json", a.json, "One JSON object a line");
}

void add_recalibrate(CLI::App& app, RecalibrateArguments& a) {
  CLI::App* const recalibrate =
      app.add_subcommand("recalibrate", "Batch norm's statistics anew, from training images");
  recalibrate->add_option("checkpoint", a.checkpoint, "Checkpoint, or a run's folder: its newest")
      ->type_name("CHECKPOINT")
      ->required();
  recalibrate->add_option("--data", a.data, "Data set")
      ->type_name("NAME")
      ->default_str("the one trained on");
  add_data_dir(recalibrate, a.data_dir);
  recalibrate->add_option("--samples", a.samples, "Training images, rounded up to whole batches")
      ->check(positive())
      ->type_name("N")
      ->capture_default_str();
  recalibrate
      ->add_option("--batch", a.batch, "Images in a batch, by whose statistics it normalises")
      ->check(positive())
      ->type_name("N")
      ->default_str("the run's, else 128");
  recalibrate->add_option("--seed", a.seed, "Seed of which images")
      ->check(no_sign())
      ->type_name("N")
      ->default_str("the run's");
  add_machine(recalibrate, a.threads, a.kernels, a.isa, a.math);
  recalibrate->add_option("--out", a.out, "New file to write")
      ->type_name("FILE")
      ->default_str("CHECKPOINT-recalibrated.safetensors, beside it");
  recalibrate->add_flag("--json", a.json, "One JSON object a line");
}

void add_data(CLI::App& app, DataArguments& a) {
  CLI::App* const data = app.add_subcommand("data", "Data sets: list, fetch, verify");
  data->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, DataArguments::Action action) {
    CLI::App* const command = data->add_subcommand(name, text);
    command->callback([&a, action] { a.action = action; });
    add_data_dir(command, a.data_dir);
    command->add_flag("--json", a.json, "One JSON object a line");
    return command;
  };
  add("list", "Data sets known, and where they are", DataArguments::Action::list);
  add("fetch", "Download a set where it is nowhere yet", DataArguments::Action::fetch)
      ->add_option("name", a.name, "Data set")
      ->type_name("NAME")
      ->default_str("mnist");
  add("verify", "Check structure and SHA-256 of a set's files", DataArguments::Action::verify)
      ->add_option("name", a.name, "Data set")
      ->type_name("NAME")
      ->default_str("all that are here");
}

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

}  // namespace

std::optional<Arguments> parse(int argc, const char* const* argv, std::ostream& out) {
  CLI::App app("Trains batch-normalised networks natively on CPU.", "evenkeel");
  app.set_version_flag("--version", "evenkeel " + std::string(kVersion));
  app.require_subcommand(1);
  TrainArguments train;
  EvaluateArguments evaluate;
  PredictArguments predict;
  SummaryArguments summary;
  DoctorArguments doctor;
  CompareArguments compare;
  CompareRunArguments compare_run;
  RecalibrateArguments recalibrate;
  DataArguments data;
  VersionArguments version;
  add_train(app, train);
  add_evaluate(app, evaluate);
  add_predict(app, predict);
  add_summary(app, summary);
  add_doctor(app, doctor);
  add_compare(app, compare);
  add_compare_run(app, compare_run);
  add_recalibrate(app, recalibrate);
  add_data(app, data);
  app.add_subcommand("version", "Version, instruction set, oneDNN, threads")
      ->add_flag("--json", version.json, "One JSON object");

  require_known_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success, out, out);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    fail(app, error);
  }
  if (app.got_subcommand("train")) return train;
  if (app.got_subcommand("evaluate")) return evaluate;
  if (app.got_subcommand("predict")) return predict;
  if (app.got_subcommand("summary")) return summary;
  if (app.got_subcommand("doctor")) return doctor;
  if (app.got_subcommand("compare")) return compare;
  if (app.got_subcommand("compare-run")) return compare_run;
  if (app.got_subcommand("recalibrate")) return recalibrate;
  if (app.got_subcommand("data")) return data;
  return version;
}

}  // namespace evenkeel::cli
