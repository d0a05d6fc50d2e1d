// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/presets.h"

#include <fmt/format.h>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/model/networks.h"

namespace evenkeel::compare {
namespace {

constexpr Norm kNone = {NormKind::none};
constexpr Norm kBatch = {NormKind::batch};

Study ioffe2015() {
  Study study;
  study.network = kIoffeNetwork;
  // The paper says "small random Gaussian values" and names no learning rate.
  study.alternatives = {{"without batch norm", kNone, Place::before, 0.1},
                        {"with batch norm", kBatch, Place::before, 0.1}};
  study.learning_rates = {0.1};
  study.optimizer = "sgd";
  study.seeds = 1;
  study.steps = 50000;
  study.batch = 60;
  study.evaluations = 100;
  return study;
}

Study ioffe2015_lr() {
  Study study = ioffe2015();
  study.alternatives.clear();
  for (const double deviation : {0.01, 0.1, 1.0})
    for (const Norm& norm : {kNone, kBatch})
      study.alternatives.push_back(
          {fmt::format("{}, weights {:g}", norm == kNone ? "none" : "batch norm", deviation), norm,
           Place::before, deviation});
  study.learning_rates = {0.1, 1, 10};
  study.seeds = 3;
  study.steps = 5000;
  study.evaluations = 50;
  return study;
}

Study placement() {
  Study study;
  study.alternatives = {{"none", kNone, Place::before, 0},
                        {"before activations", kBatch, Place::before, 0},
                        {"after flatten", kBatch, Place::as_written, 0}};
  study.learning_rates = {0.0003, 0.003, 0.03};
  study.steps = 429;
  return study;
}

Study statistics() {
  Study study;
  study.alternatives = {{"batch norm", kBatch, Place::as_written, 0}};
  study.learning_rates = {0.001};
  study.steps = 429;
  return study;
}

}  // namespace

Model ioffe_network(const ImageInput& input, std::int64_t classes) {
  return mlp({.input = input,
              .widths = {100, 100, 100},
              .activation = Activation::sigmoid,
              .batch_norm = false,
              .classes = classes});
}

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"ioffe2015", "Figure 1 of Ioffe & Szegedy 2015",
       "The experiment of section 4.1 (arXiv 1502.03167): MNIST, three hidden layers of 100 "
       "sigmoid "
       "units, batches of 60, stochastic gradient descent, with and without batch norm before each "
       "sigmoid. The paper names neither learning rate nor deviation of the initial weights; here "
       "they are 0.1 and 0.1 (normal, cut off at two deviations)."},
      {"ioffe2015-lr", "Figure 1's network under large rates and bad initial weights",
       "The network of Ioffe & Szegedy 2015 (784-100-100-100-10, sigmoid, batches of 60), with "
       "initial weights of deviation 0.01, 0.1 and 1 and learning rates of 0.1, 1 and 10."},
      {"placement", "Batch norm before the activation, and behind flatten",
       "The reference network with batch norm before each activation, as the algorithm is "
       "explained, "
       "against one batch norm behind flatten, as the program is written, and against none; Adam "
       "at "
       "three learning rates."},
      {"statistics", "Which statistics to predict with",
       "One training of the reference network for each seed, looked at with five sets of "
       "statistics: "
       "the weights do not depend on them."},
  };
  return all;
}

const Preset& preset_named(std::string_view name) {
  std::string list;
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
    names.emplace_back(preset.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  throw InvalidArgument("--preset", "expected one of " + list + ", got '" + std::string(name) +
                                        "'" + did_you_mean(name, names));
}

Study preset_study(std::string_view name) {
  const std::string known(preset_named(name).name);
  Study study = known == "ioffe2015"      ? ioffe2015()
                : known == "ioffe2015-lr" ? ioffe2015_lr()
                : known == "placement"    ? placement()
                                          : statistics();
  study.preset = known;
  return study;
}

}  // namespace evenkeel::compare
