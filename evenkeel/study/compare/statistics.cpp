// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/statistics.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/train/evaluator.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/recalibrator.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::compare {
namespace {

struct Rule {
  const char* name;
  double keep;
  bool count_weighted;
};

constexpr std::array<Rule, 3> kMoving = {{{"keep 0.99 from 0/1", 0.99, false},
                                          {"keep 0.99 count-weighted", 0.99, true},
                                          {"keep 0.9 count-weighted", 0.9, true}}};
constexpr const char kRecalibratedRule[] = "recalibrated on 8,000";
constexpr std::int64_t kRecalibrationImages = 8000;
constexpr const char kBatchRule[] = "batch statistics";
constexpr std::int64_t kBatchImages = 1000;

std::string beside(const Rule& rule, const std::string& state) {
  return std::string("rules/") + rule.name + "/" + state;
}

// What update_moving reads and writes: the moving mean and variance, updates_seen.
constexpr std::uint32_t kMovedStates = 3;

void add_rule(Graph& graph, const Rule& rule, const Node& update) {
  std::vector<Value> inputs = update.inputs;
  for (std::uint32_t i = 0; i < kMovedStates; ++i) {
    const Node original = graph.node(inputs[i]);
    inputs[i] = graph.add(original.op, {}, beside(rule, original.name));
  }
  UpdateMoving op = std::get<UpdateMoving>(update.op);
  op.keep = rule.keep;
  op.count_weighted = rule.count_weighted;
  const NodeId moved = graph.add(op, inputs, beside(rule, update.name)).node;
  graph.update(inputs[0], {moved, 0});
  graph.update(inputs[1], {moved, 1});
  graph.update(inputs[2],
               graph.add(Increment{}, {inputs[2]}, beside(rule, update.name + "/count")));
}

// The network's own states as the training has them, with a rule's statistics in their place.
StateStore state_with(Training& training, const Rule* rule) {
  StateStore store(training.network());
  for (const StateStore::Entry& entry : store.entries()) {
    const bool moves = rule != nullptr && training.state().contains(beside(*rule, entry.name));
    store.set(entry.name, training.state().get(moves ? beside(*rule, entry.name) : entry.name));
  }
  return store;
}

StatisticsPoint point_of(const Training& training, const std::string& rule,
                         const Evaluation& test) {
  return {training.completed(), rule, test.accuracy, test.loss};
}

StatisticsPoint with_moving(Training& training, const Splits& data, const Rule& rule) {
  StateStore store = state_with(training, &rule);
  Evaluator evaluator(training.network(), Loss::softmax_cross_entropy, store, training.machine(),
                      {});
  return point_of(training, rule.name, evaluator.evaluate(data.test));
}

StatisticsPoint with_recalibrated(Training& training, const Splits& data) {
  StateStore store = state_with(training, nullptr);
  Recalibrator recalibrator(training.network(), store, training.machine(), {});
  RecalibrateOptions options;
  options.images = kRecalibrationImages;
  options.batch_size = std::min(kBatchImages, data.train.size());
  options.seed = training.seed();
  const Recalibration found = recalibrator.measure(data.train, options);
  for (const auto& [name, tensor] : state_tensors(found, training.network(), store))
    store.set(name, tensor);
  store.touch();
  Evaluator evaluator(training.network(), Loss::softmax_cross_entropy, store, training.machine(),
                      {});
  return point_of(training, kRecalibratedRule, evaluator.evaluate(data.test));
}

// Each batch of test images by its own statistics; a rest that fills no batch is left out.
StatisticsPoint with_batch(Training& training, const Splits& data) {
  StateStore store = state_with(training, nullptr);
  const std::int64_t batch = std::min(kBatchImages, data.test.size());
  const Graph graph = add_evaluation(to_training(training.network()), Loss::softmax_cross_entropy);
  Executor executor(compile_graph(graph, Level::training, {batch, training.machine(), {}}), store);
  Evaluation test;
  std::vector<std::int64_t> indices(static_cast<std::size_t>(batch));
  for (std::int64_t begin = 0; begin + batch <= data.test.size(); begin += batch) {
    std::iota(indices.begin(), indices.end(), begin);
    feed(executor, data.test, indices);
    executor.run();
    for (const std::int32_t correct : executor.output_as<std::int32_t>("correct"))
      test.correct += correct;
    for (const float loss : executor.output_as<float>("losses"))
      test.loss += static_cast<double>(loss);
    test.images += batch;
  }
  test.accuracy = static_cast<double>(test.correct) / static_cast<double>(test.images);
  test.loss /= static_cast<double>(test.images);
  return point_of(training, kBatchRule, test);
}

}  // namespace

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kMoving) + 2);
  for (const Rule& rule : kMoving) names.emplace_back(rule.name);
  names.emplace_back(kRecalibratedRule);
  names.emplace_back(kBatchRule);
  return names;
}

Graph with_rules(const Graph& step) {
  Graph graph = step;
  const std::size_t nodes = step.nodes().size();
  for (NodeId id = 0; id < nodes; ++id)
    if (std::holds_alternative<UpdateMoving>(step.node(id).op))
      for (const Rule& rule : kMoving) add_rule(graph, rule, step.node(id));
  return graph;
}

bool rules_are_due(std::int64_t step, std::int64_t steps) {
  return step == steps || step == 50 || step == 100;
}

void append_rules(Training& training, const Splits& data, std::vector<StatisticsPoint>& points) {
  for (const Rule& rule : kMoving) points.push_back(with_moving(training, data, rule));
  points.push_back(with_recalibrated(training, data));
  points.push_back(with_batch(training, data));
}

}  // namespace evenkeel::compare
