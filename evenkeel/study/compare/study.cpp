// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/study/compare/presets.h"

namespace evenkeel::compare {
namespace {

void require(bool good, const std::string& where, const std::string& text) {
  if (!good) throw InvalidArgument(where, text);
}

// As a file's name: "batch before" -> "batch-before".
std::string file_name(std::string text) {
  for (char& c : text) {
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
    if (!keeps) c = '-';
  }
  return text;
}

Model named_network(const Study& study, const ImageInput& input, std::int64_t classes) {
  if (study.network == kIoffeNetwork) return ioffe_network(input, classes);
  return network(study.network, input, classes);
}

Graph changed(const Study& study, const Alternative& alternative, const Graph& network) {
  Graph graph = with_norm(network, alternative.norm, alternative.place, study.epsilon);
  if (alternative.initial_deviation == 0) return graph;
  return with_initial_deviation(graph, alternative.initial_deviation);
}

}  // namespace

std::vector<Run> runs_of(const Study& study) {
  std::vector<Run> runs;
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(study.seeds); ++seed)
    for (std::size_t a = 0; a < study.alternatives.size(); ++a)
      for (std::size_t r = 0; r < study.learning_rates.size(); ++r)
        runs.push_back({fmt::format("{}_lr-{:g}_seed-{}", file_name(study.alternatives[a].name),
                                    study.learning_rates[r], seed),
                        a, r, seed});
  return runs;
}

void require_valid(const Study& study) {
  require(!study.alternatives.empty(), "--norm", "expected at least one norm");
  require(!study.learning_rates.empty(), "--lr", "expected at least one learning rate");
  std::set<std::string> names;
  for (const Alternative& alternative : study.alternatives) {
    require(names.insert(file_name(alternative.name)).second, "--norm",
            "expected each alternative once, got '" + alternative.name + "' twice");
    require(alternative.norm.kind != NormKind::ghost || study.batch % alternative.norm.number == 0,
            "--norm",
            fmt::format("expected ghost batches that divide the batch of {}, got {}", study.batch,
                        to_string(alternative.norm)));
  }
  std::set<std::string> rates;
  for (const double rate : study.learning_rates) {
    require(std::isfinite(rate) && rate > 0, "--lr",
            fmt::format("expected finite numbers above 0, got {}", rate));
    require(rates.insert(fmt::format("{:g}", rate)).second, "--lr",
            fmt::format("expected each rate once, got {:g} twice", rate));
  }
  require(study.seeds >= 1, "--seeds", "expected at least 1");
  require(study.steps >= 1, "--steps", "expected at least 1");
  require(study.batch >= 1, "--batch", "expected at least 1");
  require(!study.epsilon || (std::isfinite(*study.epsilon) && *study.epsilon > 0), "--epsilon",
          "expected a finite number above 0");
  require_valid(optimizer_of(study, study.learning_rates.front()));
  // Every network is built once: an unknown name or a place that it lacks shows here.
  const Graph network = study.network == kIoffeNetwork
                            ? ioffe_network(image(28, 28, 1).scale(1 / 255.0), 10).graph()
                            : evenkeel::network(study.network).graph();
  for (const Alternative& alternative : study.alternatives) changed(study, alternative, network);
}

Graph network_of(const Study& study, const Alternative& alternative, const Dataset& data) {
  const Shape& shape = data.image_shape();
  const ImageInput input = image(shape[0], shape[1], shape[2]).scale(1 / 255.0);
  return changed(study, alternative, named_network(study, input, data.classes()).graph());
}

Optimizer optimizer_of(const Study& study, double learning_rate) {
  Optimizer optimizer = default_optimizer(study.optimizer, "--optimizer");
  const auto set_momentum = [&](auto& each) {
    if constexpr (requires { each.momentum; }) {
      each.momentum = study.momentum;
    } else {
      throw InvalidArgument(
          "--momentum",
          "expected --optimizer sgd, rmsprop or muon with it, got " + study.optimizer);
    }
  };
  if (study.momentum != 0) std::visit(set_momentum, optimizer);
  set_learning_rate(optimizer, learning_rate);
  return optimizer;
}

Alternative alternative_of(const Norm& norm, Place place) {
  std::string name = to_string(norm);
  if (place != Place::as_written && norm.kind != NormKind::none)
    name += " " + std::string(to_string(place));
  return {std::move(name), norm, place, 0};
}

}  // namespace evenkeel::compare
