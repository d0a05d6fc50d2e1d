// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/weight_averaging.h"

#include <utility>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/train/checkpoint.h"

namespace evenkeel {
namespace {

// k = (t + 1) / (t + 10) is n / (n + 9) for n = t + 1.
constexpr double kEmaRamp = 9;

std::string average_of(const std::string& parameter) { return std::string(kAverage) + parameter; }

void refuse_average(const std::string& expected, const std::string& got) {
  throw InvalidArgument("average", "expected " + expected + ", got " + got);
}

}  // namespace

void require_valid(const WeightAverage& average) {
  if (average.kind == WeightAverage::Kind::ema && !(average.keep > 0 && average.keep < 1))
    refuse_average("an exponential average that keeps between 0 and 1, both excluded",
                   std::to_string(average.keep));
  if (average.kind != WeightAverage::Kind::swa) return;
  if (average.start < 0)
    refuse_average("the average to start behind at least 0 steps", std::to_string(average.start));
  if (average.every < 1)
    refuse_average("an average of every step, or of every so many", std::to_string(average.every));
}

WeightAveraging::WeightAveraging(const Graph& network, const WeightAverage& settings,
                                 StateStore& state, const Machine& machine,
                                 const PassOptions& passes, std::shared_ptr<Workspace> workspace)
    : settings_(settings),
      state_(state),
      machine_(machine),
      passes_(passes),
      workspace_(std::move(workspace)) {
  require_valid(settings);
  if (settings.kind == WeightAverage::Kind::none) return;
  for (const Value parameter : trained_states(network))
    parameters_.push_back(network.node(parameter));
  if (!parameters_.empty()) state_.extend(graph());
}

Graph WeightAveraging::graph() const {
  Graph graph("average");
  const State counter{{DType::i64, {}}, Role::slot};
  const Value before = graph.add(counter, {}, kAveraged);
  const Value after = graph.add(Increment{}, {before}, "averaged");
  graph.update(before, after);
  MovingAverage rule{1, true, 1};
  Value seen = before;
  if (settings_.kind == WeightAverage::Kind::ema) {
    rule = {settings_.keep, true, kEmaRamp};
    seen = graph.add(Increment{}, {after}, "averaged/next");  // t + 1, with t = after
  }
  for (const Node& parameter : parameters_) {
    const Value weights = graph.add(parameter.op, {}, parameter.name);
    const State state{parameter.outputs[0], Role::slot};
    const Value average = graph.add(state, {}, average_of(parameter.name));
    graph.update(average, graph.add(rule, {average, seen, weights}, parameter.name + "/average"));
  }
  return graph;
}

std::int64_t WeightAveraging::averaged() const {
  return state_.get(std::string(kAveraged)).values<std::int64_t>()[0];
}

bool WeightAveraging::takes(std::int64_t step) const {
  if (parameters_.empty()) return false;
  if (settings_.kind == WeightAverage::Kind::ema) return true;
  return step > settings_.start && (step - settings_.start) % settings_.every == 0;
}

void WeightAveraging::before_step() {
  if (settings_.kind != WeightAverage::Kind::ema || parameters_.empty() || begun()) return;
  for (const Node& parameter : parameters_)
    state_.set(average_of(parameter.name), state_.get(parameter.name));
}

void WeightAveraging::after_step(std::int64_t step) {
  if (!takes(step)) return;
  if (!executor_)
    executor_.emplace(compile_graph(graph(), Level::training, {1, machine_, passes_}), state_,
                      workspace_);
  executor_->run();
}

std::map<std::string, Tensor> WeightAveraging::tensors() const {
  std::map<std::string, Tensor> result;
  for (const Node& parameter : parameters_)
    result[parameter.name] = state_.get(average_of(parameter.name));
  return result;
}

void WeightAveraging::begin_anew() {
  const auto zero = [&](const std::string& name) {
    const StateStore::Entry& entry = state_.entry(name);
    state_.set(name, Tensor(entry.type.dtype, entry.type.shape));
  };
  zero(std::string(kAveraged));
  for (const Node& parameter : parameters_) zero(average_of(parameter.name));
}

void WeightAveraging::require_restorable(const Checkpoint& checkpoint,
                                         const std::string& where) const {
  const auto count = checkpoint.tensors.find(std::string(kAveraged));
  if (count == checkpoint.tensors.end()) return;
  if (count->second.dtype != DType::i64 || count->second.shape != Shape{} ||
      count->second.values<std::int64_t>()[0] < 0)
    throw DataError(where, "expected " + count->first + " as one i64 of at least 0");
}

void WeightAveraging::restored(const Checkpoint& checkpoint) {
  if (parameters_.empty()) return;
  if (checkpoint.settings.average.kind != settings_.kind) return begin_anew();
  for (const Node& parameter : parameters_)
    if (const std::string name = average_of(parameter.name); !checkpoint.tensors.contains(name))
      state_.set(name, state_.get(parameter.name));
}

}  // namespace evenkeel
