// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/compare_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/study/compare/presets.h"

namespace evenkeel::cli {
namespace {

using namespace compare;

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<double> rates_of(const std::string& list) {
  std::vector<double> rates;
  for (const std::string& part : parts_of(list)) {
    double rate = 0;
    const char* const end = part.data() + part.size();
    const auto [at, error] = std::from_chars(part.data(), end, rate);
    if (error != std::errc() || at != end)
      throw InvalidArgument("--lr", "expected numbers with commas between, got '" + part + "'");
    rates.push_back(rate);
  }
  return rates;
}

// Every norm at every place; what has no norm has no place.
std::vector<Alternative> alternatives_of(const std::string& norms, const std::string& places) {
  std::vector<Alternative> alternatives;
  const auto place_names = parts_of(places);
  for (const std::string& text : parts_of(norms)) {
    const Norm norm = parse_norm("--norm", text);
    for (const std::string& place_name : place_names) {
      const Place place = parse_place("--place", place_name);
      alternatives.push_back(
          alternative_of(norm, norm.kind == NormKind::none ? Place::before : place));
      if (norm.kind == NormKind::none) break;
    }
  }
  return alternatives;
}

template <typename T, typename Value>
void take(const std::optional<T>& given, Value& value) {
  if (given) value = *given;
}

void refuse_beside_preset(const CompareArguments& arguments) {
  const auto refuse = [&](bool given, const char* flag) {
    if (given)
      throw InvalidArgument(flag, "expected no other with --preset " + *arguments.preset +
                                      ", which says what is put beside what");
  };
  refuse(arguments.model.has_value(), "model");
  refuse(arguments.norm.has_value(), "--norm");
  refuse(arguments.place.has_value(), "--place");
}

}  // namespace

Study study_of(const CompareArguments& arguments) {
  Study study;
  if (arguments.preset) {
    study = preset_study(*arguments.preset);
    refuse_beside_preset(arguments);
  } else {
    take(arguments.model, study.network);
    study.alternatives = alternatives_of(arguments.norm.value_or("none,batch"),
                                         arguments.place.value_or("as-written"));
    study.learning_rates = {
        learning_rate_of(default_optimizer(arguments.optimizer.value_or("adam"), "--optimizer"))};
  }
  take(arguments.data, study.data);
  take(arguments.optimizer, study.optimizer);
  if (arguments.momentum == 0.0 && study.optimizer == "muon")
    throw InvalidArgument("--momentum", "expected a number above 0 with --optimizer muon, got 0");
  take(arguments.momentum, study.momentum);
  take(arguments.seeds, study.seeds);
  take(arguments.batch, study.batch);
  take(arguments.kernels, study.kernels);
  take(arguments.isa, study.isa);
  take(arguments.math, study.math);
  math_of(study.math);  // refuses another name
  if (arguments.epsilon) study.epsilon = *arguments.epsilon;
  if (arguments.learning_rate) study.learning_rates = rates_of(*arguments.learning_rate);
  if (arguments.epochs && arguments.steps)
    throw InvalidArgument("--steps", "expected either --epochs or --steps");
  take(arguments.steps, study.steps);
  const Machine machine = machine_of(arguments.threads, study.kernels);
  study.threads =
      arguments.threads ? machine.threads : std::max(1, machine.threads / arguments.jobs);
  datasets::require_known_or_path("--data", study.data);
  Study any_length = study;
  any_length.steps = std::max<std::int64_t>(1, study.steps);
  require_valid(any_length);
  return study;
}

void set_steps(const CompareArguments& arguments, const Dataset& data, compare::Study& study) {
  const std::int64_t batches = BatchSampler(data.size(), study.batch).batches_per_epoch();
  if (arguments.epochs || study.steps == 0) study.steps = arguments.epochs.value_or(1) * batches;
}

}  // namespace evenkeel::cli
