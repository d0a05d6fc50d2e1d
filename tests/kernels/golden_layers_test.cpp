// SPDX-License-Identifier: Apache-2.0
// Layers and losses against what PyTorch computes in double.
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

constexpr double kTolerance = 1e-12;  // of the element, or of 1 where that is larger

const Tensor& golden(const std::string& name) {
  static const SafetensorsFile file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/layers.safetensors");
  return file.tensor(name);
}

// A layer of its inputs x and, where `other` names one, another.
struct Layer {
  std::string name;
  std::string other;
  std::function<Value(Graph&, const std::vector<Value>&)> build;
};

Layer of_x(const std::string& name, const std::function<Value(Graph&, Value)>& build) {
  return {name, "",
          [=](Graph& graph, const std::vector<Value>& in) { return build(graph, in[0]); }};
}

Layer convolution(const std::string& name, const Conv2d& op) {
  return {name, "w", [=](Graph& graph, const std::vector<Value>& in) {
            return ops::conv2d(graph, in[0], in[1], op);
          }};
}

Layer average(const std::string& name, const AvgPool2d& op) {
  return of_x(name, [=](Graph& graph, Value x) { return ops::avg_pool2d(graph, x, op); });
}

class GoldenLayers : public testing::TestWithParam<Layer> {};

// The sum of y r, whose gradients the file holds.
Value weighted_sum(Graph& graph, Value y, Value r) {
  const std::int64_t count = graph.type(y).shape.elements();
  const Value row = ops::reshape(graph, y, {1, count});
  return ops::mean(graph, ops::matmul(graph, row, ops::reshape(graph, r, {count, 1})));
}

TEST_P(GoldenLayers, GivePyTorchsValuesAndGradients) {
  const std::string& name = GetParam().name;
  const std::string& other = GetParam().other;
  Graph graph;
  NamedTensors feeds;
  const auto fed = [&](const std::string& what) {
    const Tensor& tensor = feeds[what] = golden(name + "/" + what);
    return ops::input(graph, what, DType::f64, tensor.shape);
  };
  std::vector<Value> inputs = {fed("x")};
  if (!other.empty()) inputs.push_back(fed(other));
  const Value y = GetParam().build(graph, inputs);
  const Value loss = weighted_sum(graph, y, fed("r"));
  const std::vector<Value> slopes = gradients(graph, loss, inputs);
  const Interpretation run = Interpreter(graph, 1).run(feeds);
  EXPECT_TRUE(close(run.at(y), golden(name + "/y"), kTolerance, 1));
  EXPECT_TRUE(close(run.at(slopes[0]), golden(name + "/dx"), kTolerance, 1));
  if (other.empty()) return;
  EXPECT_TRUE(close(run.at(slopes[1]), golden(name + "/d" + other), kTolerance, 1));
}

INSTANTIATE_TEST_SUITE_P(
    All, GoldenLayers,
    testing::Values(
        convolution("conv_dilated", {{1, 1}, {2, 1, 0, 2}, {2, 3}, 1}),
        convolution("conv_groups", {{2, 1}, {1, 1, 1, 1}, {1, 1}, 3}),
        convolution("conv_depthwise", {{1, 2}, {1, 0, 2, 1}, {1, 1}, 5}),
        average("avg_pool", {{3, 2}, {2, 1}}),
        average("avg_pool_padding", {{3, 3}, {2, 2}, {1, 1, 1, 1}}),
        average("avg_pool_counted", {{3, 3}, {2, 2}, {1, 1, 1, 1}, true}),
        of_x("max_pool_large",
             [](Graph& graph, Value x) {
               return ops::max_pool2d(graph, x, {{20, 15}, {20, 15}});
             }),
        of_x("leaky_relu", [](Graph& graph, Value x) { return ops::leaky_relu(graph, x, 0.2); }),
        of_x("relu6", [](Graph& graph, Value x) { return ops::relu6(graph, x); }),
        of_x("sigmoid", [](Graph& graph, Value x) { return ops::sigmoid(graph, x); }),
        of_x("tanh", [](Graph& graph, Value x) { return ops::tanh(graph, x); }),
        of_x("softmax", [](Graph& graph, Value x) { return ops::softmax(graph, x); }),
        Layer{"concat", "z",
              [](Graph& graph, const std::vector<Value>& in) { return ops::concat(graph, in); }}),
    [](const auto& info) { return info.param.name; });

struct LossCase {
  std::string name;
  Op op;
};

class GoldenLosses : public testing::TestWithParam<LossCase> {};

TEST_P(GoldenLosses, GivePyTorchsValuesAndGradients) {
  const auto& [name, op] = GetParam();
  const Tensor& z = golden(name + "/z");
  const Tensor& labels = golden(name + "/labels");
  Graph graph;
  const Value of_z = ops::input(graph, "z", z.dtype, z.shape);
  const Value of_labels = ops::input(graph, "labels", labels.dtype, labels.shape);
  const Value losses = graph.add(op, {of_z, of_labels});
  // The file's gradient is of the losses' sum, ours here of their mean.
  const Value loss = ops::mean(graph, losses);
  const Value sum = ops::scale(graph, loss, static_cast<double>(z.shape[0]), DType::f64);
  const Value dz = gradients(graph, sum, {of_z})[0];
  const Interpretation run = Interpreter(graph, 1).run({{"z", z}, {"labels", labels}});
  EXPECT_TRUE(close(run.at(losses), golden(name + "/losses"), kTolerance));
  EXPECT_TRUE(close(run.at(dz), golden(name + "/dz"), kTolerance, 1));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenLosses,
                         testing::Values(LossCase{"softmax_ce_classes", SoftmaxCrossEntropy{}},
                                         LossCase{"softmax_ce_one_hot", SoftmaxCrossEntropy{}},
                                         LossCase{"softmax_ce_soft", SoftmaxCrossEntropy{}},
                                         LossCase{"sigmoid_ce_classes", SigmoidCrossEntropy{}},
                                         LossCase{"sigmoid_ce_many", SigmoidCrossEntropy{}},
                                         LossCase{"mse_classes", MeanSquaredError{}},
                                         LossCase{"mse_values", MeanSquaredError{}}),
                         [](const auto& info) { return info.param.name; });

TEST(GoldenTopK, IsPyTorchs) {
  for (std::int64_t k = 1; k <= 6; ++k) {
    Graph graph;
    NamedTensors feeds;
    for (const char* name : {"z", "labels"}) {
      feeds[name] = golden(std::string("top_k/") + name);
      graph.add(Input{{feeds[name].dtype, feeds[name].shape}}, {}, name);
    }
    graph.output("in", graph.add(InTopK{k}, {{graph.find("z"), 0}, {graph.find("labels"), 0}}));
    EXPECT_EQ(Interpreter(graph, 1).run(feeds).outputs.at("in"),
              golden("top_k/in/" + std::to_string(k)))
        << "k " << k;
  }
}

}  // namespace
}  // namespace evenkeel::test
