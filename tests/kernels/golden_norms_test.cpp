// SPDX-License-Identifier: Apache-2.0
// Group, instance and layer norm against what PyTorch computes in double.
#include <gtest/gtest.h>

#include <functional>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

constexpr double kNormTolerance = 1e-12;  // of the element, or of 1 where that is larger

struct Norm {
  std::string name;
  Op op;
};

class GoldenNorms : public testing::TestWithParam<Norm> {};

TEST_P(GoldenNorms, GivePyTorchsValuesAndGradients) {
  const std::string name = GetParam().name;
  const auto& op = GetParam().op;
  const auto file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/layers.safetensors");
  const auto golden = [&](const std::string& what) { return file.tensor(name + "/" + what); };
  Graph graph;
  NamedTensors feeds;
  const auto fed = [&](const std::string& what) {
    const Tensor& tensor = feeds[what] = golden(what);
    return ops::input(graph, what, DType::f64, tensor.shape);
  };
  const std::vector<Value> inputs = {fed("x"), fed("gamma"), fed("beta")};
  const Value y = graph.add(op, inputs, "y");
  // The sum of y r, whose gradients the file holds.
  const std::int64_t count = graph.type(y).shape.elements();
  const Value row = ops::reshape(graph, y, {1, count});
  const Value r = ops::reshape(graph, fed("r"), {count, 1});
  const Value loss = ops::mean(graph, ops::matmul(graph, row, r));
  const std::vector<Value> slopes = gradients(graph, loss, inputs);
  const Interpretation run = Interpreter(graph, 1).run(feeds);
  EXPECT_TRUE(close(run.at(y), golden("y"), kNormTolerance, 1));
  EXPECT_TRUE(close(run.at(slopes[0]), golden("dx"), kNormTolerance, 1));
  EXPECT_TRUE(close(run.at(slopes[1]), golden("dgamma"), kNormTolerance, 1));
  EXPECT_TRUE(close(run.at(slopes[2]), golden("dbeta"), kNormTolerance, 1));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenNorms,
                         testing::Values(Norm{"group_norm", GroupNorm{3, 1e-5}},
                                         Norm{"group_norm_rows", GroupNorm{2, 1e-3}},
                                         Norm{"instance_norm", GroupNorm{3, 1e-5}},
                                         Norm{"layer_norm", LayerNorm{1e-5}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace evenkeel::test
