// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/feed.h"

#include <algorithm>
#include <vector>

#include "evenkeel/compile/plan.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/train/moments_graph.h"

namespace evenkeel {
namespace {

// The plan's targets may be f64 where the data set's are f32.
void feed_targets(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices) {
  std::vector<float> targets(indices.size() * static_cast<std::size_t>(data.classes()));
  gather_targets(data, indices, targets);
  for (const PlanPort& port : executor.plan().inputs) {
    if (port.name != "labels") continue;
    if (port.type.dtype == DType::f64)
      std::copy(targets.begin(), targets.end(), executor.input_as<double>("labels").begin());
    else
      std::copy(targets.begin(), targets.end(), executor.input_as<float>("labels").begin());
  }
}

void feed_weights(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
                  std::int64_t weighted) {
  std::vector<float> weights;
  for (const std::int64_t index : indices)
    weights.push_back(data.sample_weights()[static_cast<std::size_t>(index)]);
  const auto above =
      std::count_if(weights.begin(), weights.end(), [](float weight) { return weight > 0; });
  if (above < weighted)
    throw DataError(data.name(), "expected at least " + std::to_string(weighted) +
                                     " sample weight(s) above 0 in each batch, the " +
                                     std::to_string(weights.size()) + " images of this one have " +
                                     std::to_string(above) +
                                     "; use larger batches, or leave images of weight 0 out");
  for (const PlanPort& port : executor.plan().inputs) {
    if (port.name != kSampleWeights) continue;
    if (port.type.dtype == DType::f64)
      std::copy(weights.begin(), weights.end(), executor.input_as<double>(port.name).begin());
    else
      std::copy(weights.begin(), weights.end(), executor.input_as<float>(port.name).begin());
  }
}

void feed_labels(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices) {
  if (data.has_targets())
    feed_targets(executor, data, indices);
  else
    gather(data, indices, {}, executor.input_as<std::int32_t>("labels"));
}

void feed_beside_images(Executor& executor, const Dataset& data,
                        std::span<const std::int64_t> indices, std::int64_t weighted) {
  if (has_input(executor, kSampleWeights)) feed_weights(executor, data, indices, weighted);
  if (has_input(executor, "samples"))
    std::copy(indices.begin(), indices.end(), executor.input_as<std::int64_t>("samples").begin());
}

}  // namespace

void require_weights(const Graph& network, const Dataset& data) {
  const bool wanted = network.contains(kSampleWeights) &&
                      std::holds_alternative<Input>(network.node(network.find(kSampleWeights)).op);
  if (wanted == data.has_sample_weights()) return;
  if (wanted)
    throw InvalidArgument(network.name(),
                          "reads the samples' weights and expected a data set with them, '" +
                              data.name() + "' has none; give it some by with_sample_weights");
  throw InvalidArgument(network.name(), "expected a data set without sample weights, '" +
                                            data.name() +
                                            "' has some, which no layer reads; give a batch norm "
                                            "scope.sample_weights()");
}

void require_fitting(const Model& model, Loss loss, const Dataset& data) {
  if (data.size() == 0) return;
  if (data.image_shape() != model.image_shape())
    throw InvalidArgument(model.name(), "expected images " + to_string(model.image_shape()) +
                                            ", the data set '" + data.name() + "' has " +
                                            to_string(data.image_shape()));
  const std::int64_t K = model.classes();
  if (data.has_targets()) {
    if (data.classes() == K) return;
    throw InvalidArgument(model.name(), "expected " + std::to_string(K) +
                                            " targets an image, the data set '" + data.name() +
                                            "' has " + std::to_string(data.classes()));
  }
  // One output says yes or no: two classes.
  const bool binary = K == 1 && loss != Loss::softmax_cross_entropy;
  const std::int64_t most = binary ? 2 : K;
  if (data.classes() > most)
    throw InvalidArgument(model.name(), "expected at most " + std::to_string(most) +
                                            " classes, the data set '" + data.name() + "' has " +
                                            std::to_string(data.classes()));
}

std::int64_t fewest_weighted(const Graph& network) {
  for (const Node& node : network.nodes()) {
    const auto* layer = std::get_if<BatchNorm>(&node.op);
    if (layer == nullptr || !std::holds_alternative<WholeRule>(layer->batch) ||
        node.inputs.size() <= BatchNorm::kWeights)
      continue;
    const Shape& x = network.type(node.inputs[0]).shape;
    if (x.elements_per_sample() == x.back()) return 2;
  }
  return 1;
}

void feed(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
          std::int64_t weighted) {
  feed_labels(executor, data, indices);
  feed_unlabelled(executor, data, indices, weighted);
}

void feed(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
          std::int64_t weighted, TrainingImages& images, std::int64_t step, std::int64_t part) {
  feed_labels(executor, data, indices);
  images.copy(step, part, indices, executor.input_as<std::uint8_t>("images"));
  feed_beside_images(executor, data, indices, weighted);
}

void feed_unlabelled(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
                     std::int64_t weighted) {
  gather(data, indices, executor.input_as<std::uint8_t>("images"), {});
  feed_beside_images(executor, data, indices, weighted);
}

bool has_input(const Executor& executor, std::string_view name) {
  const auto& ports = executor.plan().inputs;
  return std::any_of(ports.begin(), ports.end(),
                     [&](const PlanPort& port) { return port.name == name; });
}

}  // namespace evenkeel
