// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/gradient_probe.h"

#include <cmath>
#include <cstring>

#include "evenkeel/base/error.h"
#include "evenkeel/base/float_mode.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/strip.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/soft_targets.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {
namespace {

struct Probe {
  Graph graph;
  std::vector<std::string> parameters;
};

std::string output_of(const std::string& parameter) { return "gradient/" + parameter; }

Graph network_of(const Trainer& trainer) {
  const Graph& graph = trainer.model().graph();
  return trainer.options().precision == Precision::f64 ? with_float(graph, DType::f64) : graph;
}

// A step without what it changes: plain SGD has no slots.
Probe probe_of(const Graph& network, Loss loss, Labels labels) {
  const Graph step = add_training_step(to_training(network), loss, Sgd{}, labels);
  Probe probe{without_effects(step), {}};
  const std::vector<Value> parameters = trained_states(probe.graph);
  const Value mean = {probe.graph.find("loss"), 0};
  const std::vector<Value> found = gradients(probe.graph, mean, parameters);
  probe.graph.output("loss", mean);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    probe.parameters.push_back(probe.graph.node(parameters[i]).name);
    probe.graph.output(output_of(probe.parameters[i]), found[i]);
  }
  return probe;
}

double loss_of(const Executor& executor, Precision precision) {
  if (precision == Precision::f64) return executor.output_as<double>("loss")[0];
  return static_cast<double>(executor.output_as<float>("loss")[0]);
}

// False for a batch that training refuses.
bool feed_next(Executor& executor, const Trainer& trainer, const Dataset& data,
               const SoftTargets& soft, std::int64_t fewest_weighted) {
  const TrainerOptions& options = trainer.options();
  const std::int64_t step = trainer.completed_steps();
  BatchSampler sampler(data.size(), executor.plan().batch, {.seed = options.seed});
  try {
    feed(executor, data, sampler.indices(step), fewest_weighted);
  } catch (const DataError&) {
    return false;
  }
  feed_softened(executor, soft);
  if (has_input(executor, "step")) executor.input_as<std::int64_t>("step")[0] = step;
  if (has_input(executor, "seed"))
    executor.input_as<std::int64_t>("seed")[0] = static_cast<std::int64_t>(options.seed);
  return true;
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> next_gradients(const Trainer& trainer,
                                                           const Dataset& data,
                                                           std::int64_t batch) {
  const DefaultFloatMode mode;
  const TrainerOptions& options = trainer.options();
  const SoftTargets soft{options.label_smoothing, options.class_weights};
  const bool softened = soft.any() && !data.has_targets();
  const Graph network = network_of(trainer);
  const Probe probe =
      probe_of(network, trainer.loss(), softened ? Labels::softened : labels_of(data));
  StateStore store(probe.graph);
  for (const StateStore::Entry& entry : store.entries())
    store.set(entry.name, trainer.state(entry.name));
  const Machine machine{trainer.threads(), usable_kernels(options.kernels)};
  Executor executor(
      compile_graph(
          probe.graph, Level::inference,
          {batch,
           machine,
           {{options.disabled_passes.begin(), options.disabled_passes.end()}, "", options.math}}),
      store);
  if (!feed_next(executor, trainer, data, soft, fewest_weighted(network))) return {};
  if (!executor.run().ok() || !std::isfinite(loss_of(executor, options.precision))) return {};
  std::vector<std::pair<std::string, Tensor>> result;
  for (const std::string& name : probe.parameters) {
    const ValueType type = store.entry(name).type;
    Tensor tensor(type.dtype, type.shape);
    const auto bytes = executor.output(output_of(name));
    std::memcpy(tensor.bytes.data(), bytes.data(), bytes.size());
    result.emplace_back(name, std::move(tensor));
  }
  return result;
}

}  // namespace evenkeel
