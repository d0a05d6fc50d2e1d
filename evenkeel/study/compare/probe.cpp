// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/probe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::compare {
namespace {

constexpr std::int64_t kProbedImages = 256;
constexpr std::size_t kMostValues = 100'000;
constexpr std::size_t kProbeBins = 40;

Quantiles quantiles_of(std::vector<float> values) {
  constexpr std::array<double, 3> kShares = {0.15, 0.5, 0.85};
  Quantiles result = {};
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < kShares.size(); ++i)
    result[i] = static_cast<double>(values[static_cast<std::size_t>(
        std::lround(kShares[i] * static_cast<double>(values.size() - 1)))]);
  return result;
}

// Every n-th value, so that all channels are met alike.
std::vector<float> some_of(std::span<const float> values, std::size_t channels) {
  std::size_t apart = (values.size() + kMostValues - 1) / kMostValues;
  while (apart > 1 && std::gcd(apart, channels) != 1) ++apart;
  std::vector<float> result;
  for (std::size_t i = 0; i < values.size(); i += apart) result.push_back(values[i]);
  return result;
}

std::vector<float> unit_of(std::span<const float> values, std::size_t channels) {
  std::vector<float> result;
  for (std::size_t i = channels / 2; i < values.size(); i += channels) result.push_back(values[i]);
  return result;
}

bool all_finite(const Quantiles& q) {
  return std::all_of(q.begin(), q.end(), [](double value) { return std::isfinite(value); });
}

double norm_of(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

// At most `most`, in whole ghost batches.
std::int64_t whole_groups(const Graph& network, std::int64_t most) {
  std::int64_t size = 1;
  for (const Node& node : network.nodes())
    if (const auto* layer = std::get_if<BatchNorm>(&node.op))
      if (const auto* ghost = std::get_if<GhostRule>(&layer->batch))
        size = std::lcm(size, ghost->size);
  return std::max(size, most / size * size);
}

}  // namespace

Probe::Probe(Training& training, const Dataset& data)
    : training_(training),
      images_(whole_groups(training.network(), std::min(kProbedImages, data.size()))) {
  const Graph graph = build(training.network());
  state_ = StateStore(graph);
  executor_.emplace(compile_graph(graph, Level::training, {images_, training.machine(), {}}),
                    state_);
  std::vector<std::int64_t> indices(static_cast<std::size_t>(images_));
  std::iota(indices.begin(), indices.end(), 0);
  feed(*executor_, data, indices);
  for (const char* zero : {"step", "seed"})
    if (has_input(*executor_, zero)) executor_->input_as<std::int64_t>(zero)[0] = 0;
}

Graph Probe::build(const Graph& network) {
  Graph graph = add_evaluation(to_training(network), Loss::softmax_cross_entropy);
  const Value loss = graph.add(Mean{}, {graph.find_output("losses")}, "loss");
  std::vector<Value> kernels;
  for (NodeId id = 0; id < network.nodes().size(); ++id) {
    const Node& node = network.node(id);
    if (is_activation(node.op)) {
      const Node& found = graph.node(graph.find(node.name));
      activations_.push_back(node.name);
      graph.output("activation/" + node.name, found.inputs[0]);
    }
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr || state->role != Role::parameter) continue;
    kernels.push_back({graph.find(node.name), 0});
    kernels_.push_back(node.name);
  }
  const std::vector<Value> found = gradients(graph, loss, kernels);
  for (std::size_t i = 0; i < found.size(); ++i) graph.output("gradient/" + kernels_[i], found[i]);
  return graph;
}

std::optional<ProbePoint> Probe::look() {
  for (const StateStore::Entry& entry : state_.entries())
    state_.set(entry.name, training_.state().get(entry.name));
  state_.touch();
  if (!executor_->run().ok()) return std::nullopt;
  ProbePoint point;
  point.step = training_.completed();
  for (const std::string& name : activations_) {
    const auto values = executor_->output_as<float>("activation/" + name);
    const Graph& network = training_.network();
    const auto channels =
        static_cast<std::size_t>(network.node(network.find(name)).outputs[0].shape.back());
    point.activations.push_back({std::string(layer_of(name)),
                                 quantiles_of(some_of(values, channels)),
                                 quantiles_of(unit_of(values, channels))});
    if (!all_finite(point.activations.back().all)) return std::nullopt;
  }
  for (const std::string& name : kernels_) {
    const double norm = norm_of(executor_->output_as<float>("gradient/" + name));
    if (!std::isfinite(norm)) return std::nullopt;
    point.gradients.push_back({std::string(layer_of(name)), norm});
  }
  return point;
}

Histogram histogram_of(const std::vector<float>& values) {
  Histogram result;
  std::vector<double> finite;
  for (const float value : values)
    if (std::isfinite(value)) finite.push_back(static_cast<double>(value));
  if (finite.empty()) return result;
  const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
  result.low = *low;
  result.high = *high;
  const double width = (*high - *low) / static_cast<double>(kProbeBins);
  result.counts.assign(width > 0 ? kProbeBins : 1, 0);
  for (const double value : finite) {
    const double bin = width > 0 ? std::floor((value - *low) / width) : 0;
    ++result.counts[std::min(static_cast<std::size_t>(bin), result.counts.size() - 1)];
  }
  return result;
}

std::vector<NormHistograms> histograms_of(Training& training) {
  std::vector<NormHistograms> result;
  for (const Node& node : training.network().nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr || state->type.dtype != DType::f32) continue;
    const bool of_norm =
        state->role == Role::gamma || state->role == Role::beta || state->role == Role::statistic;
    const std::size_t slash = node.name.rfind('/');
    if (!of_norm || slash == std::string::npos) continue;
    const std::string layer = node.name.substr(0, slash);
    const Tensor tensor = training.state().get(node.name);
    const auto values = tensor.values<float>();
    if (result.empty() || result.back().layer != layer) result.push_back({layer, {}});
    result.back().tensors.push_back(
        {node.name.substr(slash + 1), histogram_of({values.begin(), values.end()})});
  }
  return result;
}

}  // namespace evenkeel::compare
