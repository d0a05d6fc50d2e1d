// SPDX-License-Identifier: Apache-2.0
// Batch norm by itself, against NumPy in extended precision.
#include <gtest/gtest.h>

#include <cstring>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

const SafetensorsFile& golden_statistics() {
  static const SafetensorsFile file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/statistics.safetensors");
  return file;
}

// The `index`-th part of a tensor along its first axis.
Tensor part(const Tensor& all, std::int64_t index) {
  Tensor result(all.dtype,
                Shape(std::vector<std::int64_t>(all.shape.begin() + 1, all.shape.end())));
  std::memcpy(result.bytes.data(),
              all.bytes.data() + static_cast<std::size_t>(index) * result.bytes.size(),
              result.bytes.size());
  return result;
}

Shape dynamic(Shape shape) {
  shape[0] = kBatch;
  return shape;
}

struct Rule {
  std::string set;
  bool count_weighted;
  double keep;
};

class GoldenMovingStatistics : public testing::TestWithParam<Rule> {};

TEST_P(GoldenMovingStatistics, FollowTheRuleAfterEachUpdate) {
  const auto& [set, count_weighted, keep] = GetParam();
  const Tensor& batches = golden_statistics().tensor("moving/" + set + "/x");
  const std::string rule =
      "moving/" + set + (count_weighted ? "/count-" : "/plain-") + (keep == 0.9 ? "0.9" : "0.99");
  const Shape one = part(batches, 0).shape;
  const Shape channels{one.back()};

  Graph graph("moving");
  const Value x = ops::input(graph, "x", DType::f64, dynamic(one));
  const Value mean = ops::input(graph, "mean", DType::f64, channels);
  const Value variance = ops::input(graph, "variance", DType::f64, channels);
  const Value seen = ops::input(graph, "seen", DType::i64, {});
  const NodeId moments = graph.add(ChannelMoments{}, {x}).node;
  const NodeId moved = graph
                           .add(UpdateMoving{keep, count_weighted, MovingVariance::population},
                                {mean, variance, seen, {moments, 0}, {moments, 1}, {moments, 2}})
                           .node;
  graph.output("mean", {moved, 0});
  graph.output("variance", {moved, 1});

  const Interpreter interpreter(graph, one[0]);
  const auto width = static_cast<std::size_t>(channels[0]);
  Tensor moving_mean = Tensor::of<double>(channels, std::vector<double>(width, 0));
  Tensor moving_variance = Tensor::of<double>(channels, std::vector<double>(width, 1));
  for (std::int64_t n = 0; n < batches.shape[0]; ++n) {
    const Interpretation result =
        interpreter.run({{"x", part(batches, n)},
                         {"mean", moving_mean},
                         {"variance", moving_variance},
                         {"seen", Tensor::of<std::int64_t>(Shape{}, {n})}});
    moving_mean = result.outputs.at("mean");
    moving_variance = result.outputs.at("variance");
    EXPECT_TRUE(test::close(moving_mean, part(golden_statistics().tensor(rule + "/moving_mean"), n),
                            1e-12, 1e-3))
        << "update " << n;
    EXPECT_TRUE(test::close(moving_variance,
                            part(golden_statistics().tensor(rule + "/moving_variance"), n), 1e-9,
                            1e-3))
        << "update " << n;
  }
}

std::vector<Rule> rules() {
  std::vector<Rule> all;
  for (const char* set : {"dense", "conv", "tiny", "offset"})
    for (const bool count_weighted : {false, true})
      for (const double keep : {0.9, 0.99}) all.push_back({set, count_weighted, keep});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenMovingStatistics, testing::ValuesIn(rules()),
                         [](const auto& info) {
                           return info.param.set + (info.param.count_weighted ? "Count" : "Plain") +
                                  (info.param.keep == 0.9 ? "90" : "99");
                         });

class BatchNormCase : public testing::TestWithParam<int> {};

TEST_P(BatchNormCase, ForwardAndGradientsAreNumPys) {
  const std::string prefix = "batch_norm/" + std::to_string(GetParam()) + "/";
  const auto tensor = [&](const std::string& name) {
    return golden_statistics().tensor(prefix + name);
  };
  const Shape shape = tensor("x").shape;
  const Shape channels{shape.back()};
  const double epsilon = tensor("epsilon").values<double>()[0];

  Graph graph("batch_norm");
  const Value x = ops::input(graph, "x", DType::f64, dynamic(shape));
  const Value dy = ops::input(graph, "dy", DType::f64, dynamic(shape));
  const Value gamma = ops::input(graph, "gamma", DType::f64, channels);
  const Value beta = ops::input(graph, "beta", DType::f64, channels);
  const NodeId m = graph.add(ChannelMoments{}, {x}).node;
  const NodeId sums = graph.add(BatchNormGradSums{epsilon}, {dy, x, {m, 0}, {m, 1}, {m, 2}}).node;
  graph.output("mean", {m, 1});
  graph.output("y", graph.add(BatchNormApply{epsilon}, {x, {m, 0}, {m, 1}, {m, 2}, gamma, beta}));
  graph.output("dbeta", {sums, 0});
  graph.output("dgamma", {sums, 1});
  graph.output("dx", graph.add(BatchNormGradApply{epsilon},
                               {dy, x, {m, 0}, {m, 1}, {m, 2}, gamma, {sums, 0}, {sums, 1}}));
  const Interpretation result = Interpreter(graph, shape[0])
                                    .run({{"x", tensor("x")},
                                          {"dy", tensor("dy")},
                                          {"gamma", tensor("gamma")},
                                          {"beta", tensor("beta")}});
  for (const auto& [name, actual] : result.outputs)
    EXPECT_TRUE(test::close(actual, tensor(name), 1e-11, 1e-2)) << name;
}

INSTANTIATE_TEST_SUITE_P(Golden, BatchNormCase, testing::Range(0, 6));

}  // namespace
}  // namespace evenkeel
