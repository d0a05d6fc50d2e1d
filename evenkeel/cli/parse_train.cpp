// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"

namespace evenkeel::cli {

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
         "0.001; 0.01 for sgd, rmsprop and adagrad, 0.02 for muon");
  const std::string optimizers = list_of(optimizer_names());
  name("--optimizer", a.optimizer, optimizers.c_str(), "adam");
  number("--momentum", a.momentum, "Momentum of sgd, rmsprop or muon", "0; 0.95 for muon");
  // Not bound to the value: CLI11 would set it to false where the flag is absent.
  train->add_flag_callback(
      "--nesterov", [&a] { a.nesterov = true; }, "Nesterov's momentum, with sgd or muon");
  number("--weight-decay", a.weight_decay,
         "Pull of kernels towards zero: decoupled with adamw and muon, else L2 in the gradient",
         "0; 0.01 for adamw");
  number("--clip-norm", a.clip_norm, "Largest norm of all gradients together; 0: any", "0");
  name("--schedule", a.schedule,
       "Of the rate: constant, step, exponential, cosine, one-cycle or plateau", "constant");
  steps("--schedule-every", a.schedule_every,
        "Steps between two drops of --schedule step; in which exponential makes one");
  number("--schedule-factor", a.schedule_factor, "What a drop multiplies the rate by", "0.1");
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
      "train",
      "Train a network, by flags or by a recipe. mnist-99 has settings of its own; shown are "
      "those of the others");
  train
      ->add_option("model", a.model,
                   "Network: " + list_of(network_names()) + "; or a recipe's file")
      ->type_name("MODEL|RECIPE")
      ->default_str("mnist-cnn");
  add_sets(train, a.set);
  train->add_option("--data", a.data, "Data set, folder of class folders, or .npz file")
      ->type_name("NAME|PATH")
      ->default_str("mnist; fashion-mnist where mnist is nowhere");
  add_data_dir(train, a.data_dir);
  // Not bound to the value: CLI11 would set it to false where the flag is absent.
  train->add_flag_callback(
      "--skip-bad", [&a] { a.skip_bad = true; }, kSkipBad);
  train
      ->add_option("--loaders", a.loaders,
                   "Threads that make batches ready beside training; the bytes are the same")
      ->check(between(0, 1024))
      ->type_name("N")
      ->default_str("1 where images are augmented, else 0");
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
  train
      ->add_option("--init-from", a.init_from,
                   "Start from the tensors of a checkpoint that have the same names and shapes")
      ->type_name("CHECKPOINT");
  train
      ->add_option("--freeze", a.freeze,
                   "Layers that training leaves as they are, as 'conv*'; several with commas")
      ->type_name("PATTERN")
      ->delimiter(',');
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
      ->default_str("0");
  train->add_option("--keep", a.keep, "Checkpoints kept, the last ones and the best; 0: all")
      ->check(count())
      ->type_name("N")
      ->default_str("5");
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

}  // namespace evenkeel::cli
