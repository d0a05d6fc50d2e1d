// SPDX-License-Identifier: Apache-2.0
#include "tests/support/feeds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "evenkeel/base/random.h"
#include "evenkeel/runtime/executor.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

constexpr std::int64_t kBatchSize = 5;

bool positive(const std::string& name) {
  return name.find("variance") != std::string::npos || name.find("/v/") != std::string::npos ||
         name.find("gamma") != std::string::npos || name.find("deviation") != std::string::npos ||
         name == "weights";
}

Tensor random_tensor(const std::string& name, const ValueType& type, std::uint64_t seed) {
  const Random random(seed, Purpose::test, hash_name(name.data(), name.data() + name.size()));
  Tensor tensor(type.dtype, type.shape);
  const auto count = static_cast<std::size_t>(type.shape.elements());
  for (std::size_t i = 0; i < count; ++i) {
    const double u = random.uniform(i);
    const double real = positive(name) ? 0.5 + u : 2 * u - 1;
    switch (type.dtype) {
      case DType::f32:
        tensor.values<float>()[i] = static_cast<float>(real);
        break;
      case DType::f64:
        tensor.values<double>()[i] = name.starts_with("learning_rate") ? 1e-3 : real;
        break;
      case DType::u8:
        tensor.values<std::uint8_t>()[i] = static_cast<std::uint8_t>(256 * u);
        break;
      case DType::i32:
        tensor.values<std::int32_t>()[i] = static_cast<std::int32_t>(2 * u);
        break;
      case DType::i64:  // counters among the states start at 0
        if (name == "seed" || name == "step" || name == "samples")
          tensor.values<std::int64_t>()[i] = static_cast<std::int64_t>(1000 * u);
        break;
      default:
        break;
    }
  }
  return tensor;
}

void expect_close(const std::string& what, const Tensor& actual, const Tensor& expected,
                  double tolerance) {
  double largest = 0;
  for (const double value : to_doubles(expected)) largest = std::max(largest, std::abs(value));
  EXPECT_TRUE(close(actual, expected, tolerance, std::max(largest, 1e-30))) << what;
}

}  // namespace

NamedTensors random_feeds(const Graph& graph, std::int64_t batch, std::uint64_t seed) {
  NamedTensors feeds;
  for (const Node& node : graph.nodes())
    if (std::holds_alternative<Input>(node.op) || std::holds_alternative<State>(node.op))
      feeds[node.name] = random_tensor(node.name, node.outputs[0].bound(batch), seed);
  return feeds;
}

void expect_same_numbers(const Graph& a, const Graph& b, double tolerance) {
  const NamedTensors feeds = random_feeds(a, kBatchSize, 1);
  const Interpretation x = Interpreter(a, kBatchSize).run(feeds);
  // A pass may drop states that nobody reads.
  NamedTensors fewer;
  for (const Node& node : b.nodes())
    if (feeds.count(node.name) > 0) fewer[node.name] = feeds.at(node.name);
  const Interpretation y = Interpreter(b, kBatchSize).run(fewer);
  ASSERT_EQ(x.outputs.size(), y.outputs.size());
  ASSERT_EQ(x.updates.size(), y.updates.size());
  for (const auto& [name, tensor] : x.outputs)
    expect_close(name, y.outputs.at(name), tensor, tolerance);
  for (const auto& [name, tensor] : x.updates)
    expect_close(name, y.updates.at(name), tensor, tolerance);
}

void expect_plan_agrees(const Graph& graph, Level level, const CompileOptions& options,
                        std::uint64_t seed, double tolerance) {
  const NamedTensors feeds = random_feeds(graph, options.batch, seed);
  const Interpretation expected = Interpreter(graph, options.batch).run(feeds);
  StateStore state(graph, 0);
  for (const StateStore::Entry& entry : state.entries())
    state.set(entry.name, feeds.at(entry.name));
  Executor executor(compile_graph(graph, level, options), state);
  for (const PlanPort& port : executor.plan().inputs) {
    const auto& bytes = feeds.at(port.name).bytes;
    std::memcpy(executor.input(port.name).data(), bytes.data(), bytes.size());
  }
  ASSERT_TRUE(executor.run().ok());
  for (const auto& [name, tensor] : expected.outputs) {
    Tensor actual(tensor.dtype, tensor.shape);
    const auto bytes = executor.output(name);
    std::memcpy(actual.bytes.data(), bytes.data(), bytes.size());
    expect_close("output " + name, actual, tensor, tolerance);
  }
  for (const auto& [name, tensor] : expected.updates)
    expect_close("update of " + name, state.get(name), tensor, tolerance);
}

}  // namespace evenkeel::test
