// SPDX-License-Identifier: Apache-2.0
#include "tests/support/batch_norm_run.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/model/initialise.h"
#include "evenkeel/runtime/executor.h"

namespace evenkeel::test {
namespace {

using Start = std::map<std::string, std::vector<double>>;
// The tensor of an input by its name.
using Feed = std::function<Tensor(const std::string&)>;

Shape dynamic(Shape shape) {
  shape[0] = kBatch;
  return shape;
}

Graph network(const BuildLayer& build, const Shape& x, DType dtype) {
  Scope scope("golden", image(1, 1, 1));
  const Value input = ops::input(scope.graph(), "x", DType::f32, dynamic(x));
  const Value y = build(scope, input);
  scope.graph().output("y", y);
  return with_float(scope.graph(), dtype);
}

// The gradients of the sum of y dy: input "dy" comes multiplied by its number of elements, which
// the mean divides by.
Graph with_gradients(Graph graph, const Shape& x, DType dtype) {
  const Value dy = ops::input(graph, "dy", dtype, dynamic(x));
  const Value loss = ops::mean(graph, ops::multiply(graph, graph.find_output("y"), dy));
  std::vector<std::string> names = {"x"};
  for (const char* name : {"gamma", "beta"})
    if (graph.contains(std::string(kLayer) + "/" + name)) names.emplace_back(name);
  std::vector<Value> by(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    by[i] = {graph.find(i == 0 ? names[i] : kLayer + ("/" + names[i])), 0};
  const std::vector<Value> slopes = gradients(graph, loss, by);
  for (std::size_t i = 0; i < by.size(); ++i) graph.output("d" + names[i], slopes[i]);
  for (const char* factor : {"r", "d"})
    if (const auto name = kLayer + ("/renorm/" + std::string(factor)); graph.contains(name))
      graph.output(factor, {graph.find(name), 0});
  return graph;
}

Tensor filled(const ValueType& type, const std::function<double(std::size_t)>& value) {
  Tensor tensor(type.dtype, type.shape);
  const auto count = static_cast<std::size_t>(type.shape.elements());
  for (std::size_t i = 0; i < count; ++i) {
    if (type.dtype == DType::f64) tensor.values<double>()[i] = value(i);
    if (type.dtype == DType::f32) tensor.values<float>()[i] = static_cast<float>(value(i));
  }
  return tensor;  // counters stay 0
}

// "gamma" of "bn/gamma".
std::string own_name(const std::string& state) { return state.substr(state.rfind('/') + 1); }

Tensor initial(const std::string& name, const State& state, const Start& start) {
  const auto given = start.find(own_name(name));
  if (given == start.end()) {
    Tensor tensor(state.type.dtype, state.type.shape);
    initialise(state, name, 1, std::as_writable_bytes(std::span(tensor.bytes)));
    return tensor;
  }
  if (given->second.size() != static_cast<std::size_t>(state.type.shape.elements()))
    throw std::invalid_argument(name + ": the golden start is of another size");
  return filled(state.type, [&](std::size_t i) { return given->second[i]; });
}

NamedTensors initial_states(const Graph& graph, const Start& start) {
  NamedTensors states;
  for (const Node& node : graph.nodes())
    if (const auto* state = std::get_if<State>(&node.op))
      states[node.name] = initial(node.name, *state, start);
  return states;
}

}  // namespace

class BatchNormRun::Impl {
 public:
  Impl(const BuildLayer& build, Shape x, const Start& start, Engine engine)
      : x_(std::move(x)),
        dtype_(engine == Engine::interpreter_f64 ? DType::f64 : DType::f32),
        model_(network(build, x_, dtype_)),
        training_(with_gradients(to_training(model_), x_, dtype_)),
        inference_(to_inference(model_)),
        train_slowly_(training_, x_[0]),
        infer_slowly_(inference_, x_[0]),
        states_(initial_states(training_, start)) {
    if (engine != Engine::plan_f32) return;
    store_ = std::make_unique<StateStore>(training_);
    for (const auto& [name, tensor] : states_) store_->set(name, tensor);
    CompileOptions options;
    options.batch = x_[0];
    options.machine.threads = 2;
    train_ =
        std::make_unique<Executor>(compile_graph(training_, Level::training, options), *store_);
    infer_ =
        std::make_unique<Executor>(compile_graph(inference_, Level::inference, options), *store_);
  }

  std::map<std::string, Tensor> step(const Feed& feed) {
    auto result = train_ ? execute(*train_, feed) : interpret(training_, train_slowly_, feed);
    for (const auto& [name, tensor] : states_)
      if (name.rfind(kLayer, 0) == 0 &&
          (name.find("moving") != std::string::npos || name.find("renorm") != std::string::npos))
        result[own_name(name)] = train_ ? store_->get(name) : tensor;
    return result;
  }

  Tensor infer(const Feed& feed) {
    return (infer_ ? execute(*infer_, feed) : interpret(inference_, infer_slowly_, feed)).at("y");
  }

  Feed golden(std::int64_t t) const {
    return
        [this, t](const std::string& name) { return golden_batch_norm_input(name, x_, t, dtype_); };
  }

 private:
  Tensor input(const std::string& name, const Feed& feed) const {
    if (name == "images") return Tensor(DType::u8, {x_[0], 1, 1, 1});
    Tensor tensor = feed(name);
    if (name != "dy") return tensor;
    const double count = static_cast<double>(x_.elements());
    const auto scale = [&](auto values) {
      for (auto& value : values) value = static_cast<std::decay_t<decltype(value)>>(value * count);
    };
    dtype_ == DType::f64 ? scale(tensor.values<double>()) : scale(tensor.values<float>());
    return tensor;
  }

  std::map<std::string, Tensor> interpret(const Graph& graph, const Interpreter& interpreter,
                                          const Feed& feed) {
    NamedTensors feeds;
    for (const Node& node : graph.nodes()) {
      if (std::holds_alternative<Input>(node.op)) feeds[node.name] = input(node.name, feed);
      if (std::holds_alternative<State>(node.op)) feeds[node.name] = states_.at(node.name);
    }
    const Interpretation run = interpreter.run(feeds);
    for (const auto& [name, tensor] : run.updates) states_[name] = tensor;
    return run.outputs;
  }

  std::map<std::string, Tensor> execute(Executor& executor, const Feed& feed) const {
    for (const PlanPort& port : executor.plan().inputs) {
      const Tensor tensor = input(port.name, feed);
      std::memcpy(executor.input(port.name).data(), tensor.bytes.data(), tensor.bytes.size());
    }
    const RunResult result = executor.run();
    if (!result.ok()) throw std::runtime_error("not finite: " + result.what);
    std::map<std::string, Tensor> outputs;
    const Graph& graph = &executor == train_.get() ? training_ : inference_;
    for (const Output& output : graph.outputs()) {
      const ValueType& type = graph.type(output.value);
      Tensor& tensor = outputs[output.name] = Tensor(type.dtype, type.shape.bound(x_[0]));
      std::memcpy(tensor.bytes.data(), executor.output(output.name).data(), tensor.bytes.size());
    }
    return outputs;
  }

  Shape x_;
  DType dtype_;
  Graph model_;
  Graph training_;
  Graph inference_;
  Interpreter train_slowly_;
  Interpreter infer_slowly_;
  NamedTensors states_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Executor> train_;
  std::unique_ptr<Executor> infer_;
};

BatchNormRun::BatchNormRun(const BuildLayer& build, const Shape& x, const Start& start,
                           Engine engine)
    : impl_(std::make_unique<Impl>(build, x, start, engine)) {}
BatchNormRun::~BatchNormRun() = default;
std::map<std::string, Tensor> BatchNormRun::step(std::int64_t t) {
  return impl_->step(impl_->golden(t));
}
std::map<std::string, Tensor> BatchNormRun::step(const Tensor& x, const Tensor& dy) {
  return impl_->step([&](const std::string& name) { return name == "x" ? x : dy; });
}
Tensor BatchNormRun::infer(std::int64_t t) { return impl_->infer(impl_->golden(t)); }

}  // namespace evenkeel::test
