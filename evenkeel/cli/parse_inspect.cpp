// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

namespace evenkeel::cli {

void add_evaluate(CLI::App& app, EvaluateArguments& a) {
  CLI::App* const evaluate = app.add_subcommand("evaluate", "Loss and accuracy of a checkpoint");
  evaluate->add_option("checkpoint", a.checkpoint, "Checkpoint, or a run's folder: its newest")
      ->type_name("CHECKPOINT")
      ->required();
  evaluate->add_option("--data", a.data, "Data set, folder of class folders, or .npz file")
      ->type_name("NAME|PATH")
      ->default_str("the one trained on");
  add_data_dir(evaluate, a.data_dir);
  evaluate->add_flag("--skip-bad", a.skip_bad, kSkipBad);
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
  add_weights(evaluate, a.weights);
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
  predict->add_option("--data", a.data, "Data set of --index, by name or path")
      ->type_name("NAME|PATH")
      ->default_str("the one trained on");
  add_data_dir(predict, a.data_dir);
  predict->add_flag("--skip-bad", a.skip_bad, kSkipBad);
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
  add_weights(predict, a.weights);
  predict->add_flag("--json", a.json, "One JSON object a line");
}

void add_summary(CLI::App& app, SummaryArguments& a) {
  CLI::App* const summary = app.add_subcommand("summary", "Layers of a network, and its plans");
  summary->add_option("model", a.subject, "Network, recipe or checkpoint")
      ->type_name("MODEL|RECIPE|CHECKPOINT")
      ->required();
  summary->add_flag("--plan", a.plan, "Passes, phases and kernels of training and inference");
  summary->add_option("--batch", a.batch, "Images in a batch of the plan")
      ->check(positive())
      ->type_name("N")
      ->capture_default_str();
  add_machine(summary, a.threads, a.kernels, a.isa, a.math);
  add_weights(summary, a.weights);
  summary->add_flag("--json", a.json, "One JSON object");
}

void add_doctor(CLI::App& app, DoctorArguments& a) {
  CLI::App* const doctor =
      app.add_subcommand("doctor", "What is wrong with a network, and how to mend it");
  doctor
      ->add_option(
          "subject", a.subject,
          "Network, recipe, checkpoint, run's folder, or a safetensors file of PyTorch or Keras")
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
  recalibrate->add_option("--data", a.data, "Data set, folder of class folders, or .npz file")
      ->type_name("NAME|PATH")
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

}  // namespace evenkeel::cli
