// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/recalibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/graph/strip.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/moments_graph.h"
#include "evenkeel/train/recalibrator.h"

namespace evenkeel {
namespace {

// The moments of one channel so far.
struct GatheredMoments {
  double count = 0;
  double mean = 0;
  double m2 = 0;

  // Chan, Golub & LeVeque 1979.
  void merge(const GatheredMoments& b) {
    const double n = count + b.count;
    const double d = b.mean - mean;
    m2 += b.m2 + d * d * (count * (b.count / n));
    mean += d * (b.count / n);
    count = n;
  }
};

// How many images each run takes.
std::vector<std::int64_t> batch_sizes(std::int64_t images, std::int64_t batch, bool one_place) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(images / batch), batch);
  const std::int64_t rest = images % batch;
  if (rest == 1 && one_place && !sizes.empty())
    sizes.back() += rest;
  else if (rest > 0)
    sizes.push_back(rest);
  return sizes;
}

double middle_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> numbers_of(const Tensor& tensor) {
  if (tensor.dtype == DType::f64) {
    const auto values = tensor.values<double>();
    return {values.begin(), values.end()};
  }
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

Tensor tensor_of(const std::vector<double>& numbers, DType dtype) {
  const Shape shape = {static_cast<std::int64_t>(numbers.size())};
  if (dtype == DType::f64) return Tensor::of<double>(shape, numbers);
  return Tensor::of<float>(shape, std::vector<float>(numbers.begin(), numbers.end()));
}

bool fits(double value, DType dtype) {
  return std::isfinite(dtype == DType::f64 ? value : static_cast<float>(value));
}

// From this many updates on, min(keep, n / (n + 1)) is keep; of a cumulative mean, as many as the
// batches that it now is the mean of.
std::int64_t settled_updates(const BatchNorm& layer, const Recalibration& recalibration) {
  if (layer.cumulative())
    return std::max<std::int64_t>(1, recalibration.images / recalibration.batch_size);
  constexpr double kRounding = 1e-9;  // 0.9 / (1 - 0.9) is a little above 9
  return static_cast<std::int64_t>(std::ceil(layer.keep / (1 - layer.keep) - kRounding));
}

// sqrt(variance of the population + epsilon): what renorm moves.
std::vector<double> deviations_of(const RecalibratedLayer& layer, const BatchNorm& op,
                                  bool population) {
  const bool to_population = population && op.variance == MovingVariance::sample && layer.count > 1;
  const double factor = to_population ? (layer.count - 1) / layer.count : 1;
  std::vector<double> deviations;
  for (const double variance : layer.variance)
    deviations.push_back(std::sqrt(variance * factor + layer.epsilon));
  return deviations;
}

}  // namespace

class Recalibrator::Impl {
 public:
  Impl(const Graph& network, StateStore& state, const Machine& machine, const PassOptions& passes,
       std::shared_ptr<Workspace> workspace)
      : network_(without_dropout(network)),
        moments_(moments_graph(network_)),
        state_(state),
        machine_(machine),
        passes_(passes),
        workspace_(workspace ? std::move(workspace) : std::make_shared<Workspace>()) {
    require_moving_statistics(network);
  }

  Recalibration measure(const Dataset& data, const RecalibrateOptions& options,
                        const std::map<std::string, Tensor>& before);

 private:
  using Channels = std::vector<GatheredMoments>;
  void require(const Dataset& data, const RecalibrateOptions& options) const;
  Executor& executor(std::int64_t batch);
  void merge(const Executor& executor, std::vector<Channels>& all) const;
  void merge(const Executor& executor, const std::string& layer, Channels& channels) const;
  RecalibratedLayer layer(const Node& node, const Channels& channels,
                          const std::map<std::string, Tensor>& before) const;

  Graph network_;
  MomentsGraph moments_;
  StateStore& state_;
  Machine machine_;
  PassOptions passes_;
  std::shared_ptr<Workspace> workspace_;
  std::map<std::int64_t, Executor> executors_;  // by batch
};

void Recalibrator::Impl::require(const Dataset& data, const RecalibrateOptions& options) const {
  const auto refuse = [](const char* what, std::int64_t got) {
    throw InvalidArgument("recalibrate", std::string("expected ") + what + " of at least 1, got " +
                                             std::to_string(got));
  };
  if (options.images < 1) refuse("a number of images", options.images);
  if (options.batch_size < 1) refuse("a batch size", options.batch_size);
  if (data.size() == 0)
    throw InvalidArgument("recalibrate", "expected images to compute statistics over, got none");
  require_weights(network_, data);
  const std::int64_t batch = std::min(options.batch_size, data.size());
  if (batch < moments_.group || options.batch_size % moments_.group != 0)
    throw InvalidArgument("recalibrate",
                          "expected a batch of whole groups of the network's ghost batch norms, a "
                          "multiple of " +
                              std::to_string(moments_.group) + " images, got " +
                              std::to_string(batch));
  for (const NodeId id : moments_.norms) {
    const Node& node = network_.node(id);
    const Shape shape = network_.type(node.inputs[0]).shape.bound(batch);
    if (shape.elements() == shape.back())
      throw InvalidArgument(std::string(layer_of(node.name)),
                            "recalibrating expected at least 2 values per channel, got " +
                                to_string(shape) + "; use a larger batch");
  }
}

Executor& Recalibrator::Impl::executor(std::int64_t batch) {
  const auto found = executors_.find(batch);
  if (found != executors_.end()) return found->second;
  auto plan = compile_graph(moments_.graph, Level::inference, {batch, machine_, passes_});
  return executors_.emplace(batch, Executor(std::move(plan), state_, workspace_)).first->second;
}

void Recalibrator::Impl::merge(const Executor& executor, const std::string& layer,
                               Channels& channels) const {
  const auto count = executor.output_as<double>("count/" + layer);
  const auto mean = executor.output_as<double>("mean/" + layer);
  const auto m2 = executor.output_as<double>("m2/" + layer);
  channels.resize(count.size());
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (!std::isfinite(mean[c]) || !std::isfinite(m2[c]))
      throw RuntimeFailure(
          std::string(layer_of(layer)),
          fmt::format("channel {} of its input has statistics that are not finite (mean {}, "
                      "variance {}); nothing was changed; look at the weights before it",
                      c, mean[c], m2[c] / count[c]));
    channels[c].merge({count[c], mean[c], m2[c]});
  }
}

void Recalibrator::Impl::merge(const Executor& executor, std::vector<Channels>& all) const {
  for (std::size_t i = 0; i < all.size(); ++i)
    merge(executor, network_.node(moments_.norms[i]).name, all[i]);
}

RecalibratedLayer Recalibrator::Impl::layer(const Node& node, const Channels& channels,
                                            const std::map<std::string, Tensor>& before) const {
  const auto& op = std::get<BatchNorm>(node.op);
  RecalibratedLayer result;
  result.layer = node.name;
  result.epsilon = op.epsilon;
  result.count = channels[0].count;
  const auto had = [&](std::size_t input) {
    const std::string& name = network_.node(node.inputs[input]).name;
    const auto found = before.find(name);
    return numbers_of(found == before.end() ? state_.get(name) : found->second);
  };
  result.mean_before = had(BatchNorm::kMovingMean);
  result.variance_before = had(BatchNorm::kMovingVariance);
  const bool sample = op.variance == MovingVariance::sample && result.count > 1;
  const double divisor = sample ? result.count - 1 : result.count;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const double variance = channels[c].m2 / divisor;
    if (!fits(variance, node.outputs[0].dtype))
      throw RuntimeFailure(std::string(layer_of(node.name)),
                           fmt::format("channel {} of its input has variance {}, too large for {}; "
                                       "nothing was changed; look at the weights before it",
                                       c, variance, to_string(node.outputs[0].dtype)));
    result.mean.push_back(channels[c].mean);
    result.variance.push_back(variance);
  }
  return result;
}

Recalibration Recalibrator::Impl::measure(const Dataset& data, const RecalibrateOptions& options,
                                          const std::map<std::string, Tensor>& before) {
  require(data, options);
  Recalibration result;
  // All images there are, but for those that fill no group of a ghost batch norm.
  const std::int64_t all_images = data.size() - data.size() % moments_.group;
  result.batch_size = std::min(options.batch_size, all_images);
  // Without a product that could pass 2^63.
  const std::int64_t batches = (options.images - 1) / result.batch_size + 1;
  result.images =
      batches > all_images / result.batch_size ? all_images : batches * result.batch_size;
  const std::vector<std::int64_t> indices =
      BatchSampler(data.size(), result.images, {.seed = options.seed.value_or(1)}).indices(0);
  std::vector<Channels> all(moments_.norms.size());
  std::span<const std::int64_t> left = indices;
  for (const std::int64_t size :
       batch_sizes(result.images, result.batch_size, moments_.one_place)) {
    Executor& run = executor(size);
    feed_unlabelled(run, data, left.first(static_cast<std::size_t>(size)));
    run.run();
    merge(run, all);
    left = left.subspan(static_cast<std::size_t>(size));
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    result.layers.push_back(layer(network_.node(moments_.norms[i]), all[i], before));
  return result;
}

Recalibrator::Recalibrator(const Graph& network, StateStore& state, const Machine& machine,
                           const PassOptions& passes, std::shared_ptr<Workspace> workspace)
    : impl_(std::make_unique<Impl>(network, state, machine, passes, std::move(workspace))) {}
Recalibrator::~Recalibrator() = default;
Recalibrator::Recalibrator(Recalibrator&&) noexcept = default;

Recalibration Recalibrator::measure(const Dataset& data, const RecalibrateOptions& options,
                                    const std::map<std::string, Tensor>& before) {
  return impl_->measure(data, options, before);
}

std::map<std::string, Tensor> state_tensors(const Recalibration& recalibration,
                                            const Graph& network, const StateStore& state) {
  std::map<std::string, Tensor> tensors;
  for (const RecalibratedLayer& layer : recalibration.layers) {
    const Node& node = network.node(network.find(layer.layer));
    const DType dtype = node.outputs[0].dtype;
    tensors[network.node(node.inputs[BatchNorm::kMovingMean]).name] = tensor_of(layer.mean, dtype);
    tensors[network.node(node.inputs[BatchNorm::kMovingVariance]).name] =
        tensor_of(layer.variance, dtype);
    const auto& op = std::get<BatchNorm>(node.op);
    if (moves_deviation(op.batch)) {
      const auto set = [&](std::size_t index, const std::vector<double>& numbers) {
        tensors[network.node(node.inputs[index]).name] = tensor_of(numbers, dtype);
      };
      set(BatchNorm::kMovingDeviation, deviations_of(layer, op, false));
      set(BatchNorm::kRenormMean, layer.mean);
      set(BatchNorm::kRenormDeviation, deviations_of(layer, op, true));
    }
    const std::string& seen = network.node(node.inputs[BatchNorm::kUpdatesSeen]).name;
    const std::int64_t before = state.get(seen).values<std::int64_t>()[0];
    const std::int64_t settled = settled_updates(op, recalibration);
    tensors[seen] = Tensor::of<std::int64_t>(Shape{}, {std::max(before, settled)});
  }
  return tensors;
}

StatisticsShift shift_of(const RecalibratedLayer& layer) {
  std::vector<double> means;
  std::vector<double> deviations;
  for (std::size_t c = 0; c < layer.mean.size(); ++c) {
    const double now = std::sqrt(layer.variance[c] + layer.epsilon);
    const double before = std::sqrt(layer.variance_before[c] + layer.epsilon);
    means.push_back(std::abs(layer.mean[c] - layer.mean_before[c]) / now);
    deviations.push_back(std::max(now, before) / std::min(now, before));
  }
  return {middle_of(means), *std::max_element(means.begin(), means.end()), middle_of(deviations),
          *std::max_element(deviations.begin(), deviations.end())};
}

}  // namespace evenkeel
