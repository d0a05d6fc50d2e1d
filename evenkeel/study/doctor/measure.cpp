// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor/measure.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "evenkeel/base/threads.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/strip.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/study/doctor/probe_graph.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/nonfinite.h"

namespace evenkeel::doctor {
namespace {

// As it was trained: a run in f64 has tensors in f64.
Graph network_of(const Patient& patient) {
  const Graph& graph = patient.model->graph();
  for (const Node& node : graph.nodes()) {
    const auto found = patient.state.find(node.name);
    if (found != patient.state.end() && found->second.dtype == DType::f64 &&
        node.outputs[0].dtype == DType::f32)
      return with_float(graph, DType::f64);
  }
  return graph;
}

// What the patient lacks, such as another optimiser's slots, is as before the first step.
StateStore store_of(const Graph& step, const Patient& patient) {
  StateStore store(step, patient.seed);
  for (const StateStore::Entry& entry : store.entries()) {
    const auto found = patient.state.find(entry.name);
    if (found == patient.state.end()) continue;
    const Tensor& tensor = found->second;
    if (tensor.dtype != entry.type.dtype || tensor.shape != entry.type.shape)
      throw DataError(patient.name,
                      "expected tensor '" + entry.name + "' " + to_string(entry.type) + ", got " +
                          std::string(to_string(tensor.dtype)) + to_string(tensor.shape));
    store.set(entry.name, tensor);
  }
  return store;
}

Numbers output_numbers(const Executor& executor, const std::string& name) {
  for (const PlanPort& port : executor.plan().outputs) {
    if (port.name != name) continue;
    if (port.type.dtype == DType::f64) {
      const auto values = executor.output_as<double>(name);
      return Numbers(values.begin(), values.end());
    }
    const auto values = executor.output_as<float>(name);
    return Numbers(values.begin(), values.end());
  }
  return {};
}

struct MeasuredMoments {
  std::int64_t count = 0;
  Numbers mean;
  Numbers variance;
};

MeasuredMoments moments_of(const Executor& executor, const std::string& what) {
  const Numbers count = output_numbers(executor, "count/" + what);
  MeasuredMoments result{0, output_numbers(executor, "mean/" + what),
                         output_numbers(executor, "m2/" + what)};
  if (!count.empty()) result.count = static_cast<std::int64_t>(count[0]);
  for (double& m2 : result.variance) m2 /= count.empty() ? 1 : count[0];
  return result;
}

double correct_share(const Executor& executor, std::int64_t images) {
  std::int64_t correct = 0;
  for (const std::int32_t each : executor.output_as<std::int32_t>("correct")) correct += each;
  return static_cast<double>(correct) / static_cast<double>(images);
}

double mean_of(const Numbers& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

template <typename T>
double distance(std::span<const T> by_moving, std::span<const T> by_batch) {
  double apart = 0;
  double whole = 0;
  for (std::size_t i = 0; i < by_batch.size(); ++i) {
    const double d = static_cast<double>(by_moving[i]) - static_cast<double>(by_batch[i]);
    apart += d * d;
    whole += static_cast<double>(by_batch[i]) * static_cast<double>(by_batch[i]);
  }
  return whole > 0 ? std::sqrt(apart / whole) : std::sqrt(apart);
}

// Both sides of one measurement, on the same state and images.
class Measurement {
 public:
  Measurement(const Patient& patient, const ExamineOptions& options, std::int64_t images)
      : patient_(patient),
        options_(options),
        images_(images),
        machine_{options.threads > 0 ? options.threads : default_threads(),
                 usable_kernels(options.kernels)},
        network_(without_dropout(network_of(patient))),
        labels_(labels_of(options.data)),
        probe_(probe_graph(network_, patient.loss, patient.optimizer, labels_)),
        store_(store_of(probe_.step, patient)),
        indices_(BatchSampler(options.data.size(), images, {.seed = patient.seed}).indices(0)) {}

  Measured run();

 private:
  Executor executor(const Graph& graph, Level level) {
    Executor result(compile_graph(graph, level, {images_, machine_, {.math = options_.math}}),
                    store_);
    feed(result, options_.data, indices_);
    return result;
  }
  // The step; false where it met a value that is not finite.
  bool run_step(Executor& step, Measured& result);
  void read_norms(const Executor& step, const Executor& moving, Measured& result) const;
  void read_kernels(const Executor& step, const std::vector<Numbers>& before,
                    Measured& result) const;
  Numbers state(const std::string& name) const { return numbers_of(store_.get(name)); }

  const Patient& patient_;
  const ExamineOptions& options_;
  std::int64_t images_;
  Machine machine_;
  Graph network_;
  Labels labels_;
  ProbeGraph probe_;
  StateStore store_;
  std::vector<std::int64_t> indices_;
};

bool Measurement::run_step(Executor& step, Measured& result) {
  step.input_as<double>("learning_rate")[0] = learning_rate_of(patient_.optimizer);
  if (has_input(step, "step")) step.input_as<std::int64_t>("step")[0] = patient_.step.value_or(0);
  const RunResult ran = step.run();
  if (ran.ok()) return true;
  result.not_finite =
      ran.status == RunResult::Status::not_finite
          ? first_nonfinite(network_, patient_.loss, store_, machine_, labels_, step).layer
          : std::string(layer_of(ran.what)) + " (its gradient)";
  return false;
}

void Measurement::read_norms(const Executor& step, const Executor& moving, Measured& result) const {
  for (const ProbedNorm& probed : probe_.norms) {
    const MeasuredMoments moments = moments_of(step, probed.layer);
    NormMeasured norm{moments.count, moments.mean, moments.variance};
    const std::string y = "y/" + probed.layer;
    if (network_.type(network_.find_output("logits")).dtype == DType::f64)
      norm.apart = distance(moving.output_as<double>(y), step.output_as<double>(y));
    else
      norm.apart = distance(moving.output_as<float>(y), step.output_as<float>(y));
    norm.activation = probed.activation;
    if (!probed.activation.empty())
      norm.variance_before_activation =
          moments_of(step, probed.layer + "/before_activation").variance;
    result.order.push_back(probed.layer);
    result.norms.emplace(probed.layer, std::move(norm));
  }
  for (const std::string& relu : probe_.relus) {
    const MeasuredMoments moments = moments_of(step, relu);
    ReluMeasured measured{std::string(layer_of(relu)), std::ssize(moments.mean), 0};
    for (std::size_t c = 0; c < moments.mean.size(); ++c)
      if (moments.mean[c] == 0 && moments.variance[c] == 0) ++measured.dead;
    result.relus.push_back(std::move(measured));
  }
}

void Measurement::read_kernels(const Executor& step, const std::vector<Numbers>& before,
                               Measured& result) const {
  for (std::size_t i = 0; i < probe_.kernels.size(); ++i) {
    const std::string& name = probe_.kernels[i];
    Numbers change = state(name);
    for (std::size_t j = 0; j < change.size(); ++j) change[j] -= before[i][j];
    result.kernels.push_back({name.substr(0, name.rfind('/')), std::ssize(change), norm(before[i]),
                              norm(output_numbers(step, "gradient/" + name)), norm(change)});
  }
}

Measured Measurement::run() {
  Measured result;
  result.images = images_;
  // First, because the step changes the state.
  Executor moving = executor(probe_.moving, Level::inference);
  moving.run();
  std::vector<Numbers> before;
  before.reserve(probe_.kernels.size());
  for (const std::string& kernel : probe_.kernels) before.push_back(state(kernel));
  Executor step = executor(probe_.step, Level::training);
  if (!run_step(step, result)) return result;
  result.by_batch = {output_numbers(step, "loss")[0], correct_share(step, images_)};
  result.by_moving = {mean_of(output_numbers(moving, "losses")), correct_share(moving, images_)};
  read_norms(step, moving, result);
  read_kernels(step, before, result);
  return result;
}

}  // namespace

Measured measure(const Patient& patient, const ExamineOptions& options, std::int64_t images) {
  require_fitting(*patient.model, patient.loss, options.data);
  require_weights(patient.model->graph(), options.data);
  return Measurement(patient, options, images).run();
}

}  // namespace evenkeel::doctor
