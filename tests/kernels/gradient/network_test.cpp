// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "tests/support/finite.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr std::int64_t N = 4;
constexpr Conv2d kSame5x5 = {{1, 1}, {2, 2, 2, 2}};

// The reference network at a smaller scale, as a training step computes it: 16x16 images, 4 and 8
// filters, batch norm, dense 32 and 10.
class Network {
 public:
  explicit Network(Draw& draw) : draw_(draw) {
    Value x = fed("images", draw.uniform_tensor({N, 16, 16, 1}, 0, 1), {kBatch, 16, 16, 1});
    leaves.push_back(x);
    x = convolution("conv1", x, 1, 4);
    x = convolution("conv2", x, 4, 8);
    x = batch_norm(ops::reshape(graph, x, {kBatch, 128}), 128);
    x = ops::relu(graph, dense("dense1", x, 128, 32));
    kinks_.push_back(x);
    x = dense("dense2", x, 32, 10);
    Tensor labels(DType::i32, {N});
    for (std::int32_t& label : labels.values<std::int32_t>())
      label = static_cast<std::int32_t>(draw.integer(0, 9));
    const Value of_labels = fed("labels", labels, {kBatch});
    loss = ops::mean(graph, ops::softmax_cross_entropy(graph, x, of_labels).losses);
  }

  // On which side of each kink a run was: ReLU's y > 0, and each pooling window's argmax.
  std::vector<std::vector<bool>> relu_signs(const Interpretation& run) const {
    std::vector<std::vector<bool>> signs;
    for (const Value y : kinks_)
      for (auto& side = signs.emplace_back(); const double value : run.at(y).values<double>())
        side.push_back(value > 0);
    return signs;
  }
  std::vector<Tensor> argmaxima(const Interpretation& run) const {
    std::vector<Tensor> result;
    for (const Value argmax : argmaxima_) result.push_back(run.at(argmax));
    return result;
  }

  Graph graph{"scaled-mnist-cnn"};
  NamedTensors feeds;
  std::vector<Value> leaves;  // the images and every parameter
  Value loss;

 private:
  Value fed(const std::string& name, const Tensor& values, const Shape& shape) {
    feeds[name] = values;
    return ops::input(graph, name, values.dtype, shape);
  }
  Value parameter(const std::string& name, const Tensor& values) {
    feeds[name] = values;
    leaves.push_back(ops::parameter(graph, name, values.shape, Initializer::zeros, values.dtype));
    return leaves.back();
  }
  Value convolution(const std::string& layer, Value x, std::int64_t C, std::int64_t K) {
    const double limit = std::sqrt(6.0 / static_cast<double>(25 * (C + K)));
    const Value W = parameter(layer + "/kernel", draw_.uniform_tensor({5, 5, C, K}, -limit, limit));
    const Value b = parameter(layer + "/bias", draw_.uniform_tensor({K}, -0.1, 0.1));
    const Value y = ops::bias_add(graph, ops::conv2d(graph, x, W, kSame5x5), b);
    kinks_.push_back(ops::relu(graph, y));
    const Value pooled = ops::max_pool2d(graph, kinks_.back());
    argmaxima_.push_back({pooled.node, 1});
    return pooled;
  }
  Value batch_norm(Value x, std::int64_t C) {
    const Value gamma = parameter("bn1/gamma", draw_.uniform_tensor({C}, 0.75, 1.25));
    const Value beta = parameter("bn1/beta", draw_.uniform_tensor({C}, -0.1, 0.1));
    const NodeId moments = graph.add(ChannelMoments{}, {x}, "bn1/moments").node;
    return graph.add(BatchNormApply{}, {x, {moments, 0}, {moments, 1}, {moments, 2}, gamma, beta},
                     "bn1");
  }
  Value dense(const std::string& layer, Value x, std::int64_t C, std::int64_t K) {
    const double limit = std::sqrt(6.0 / static_cast<double>(C + K));
    const Value W = parameter(layer + "/kernel", draw_.uniform_tensor({C, K}, -limit, limit));
    const Value b = parameter(layer + "/bias", draw_.uniform_tensor({K}, -0.1, 0.1));
    return ops::bias_add(graph, ops::matmul(graph, x, W), b);
  }

  Draw& draw_;
  std::vector<Value> kinks_;
  std::vector<Value> argmaxima_;
};

// A random direction through all leaves at once.
NamedTensors random_direction(const Network& network, Draw& draw) {
  NamedTensors direction;
  for (const Value leaf : network.leaves) {
    const std::string& name = network.graph.node(leaf).name;
    direction[name] = draw.uniform_tensor(network.feeds.at(name).shape);
  }
  return direction;
}

// What the forward pass gives `step` along the direction.
class Line {
 public:
  Line(const Network& network, const Interpreter& forward, const NamedTensors& direction)
      : network_(network), forward_(forward), direction_(direction) {}

  Interpretation at(double step) const {
    NamedTensors feeds = network_.feeds;
    for (const auto& [name, along] : direction_) {
      const auto values = feeds.at(name).values<double>();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * along.values<double>()[i];
    }
    return forward_.run(feeds);
  }
  double loss_at(double step) const { return at(step).at(network_.loss).values<double>()[0]; }

  // No ReLU and no pooling window changes sides between -step and step.
  bool is_smooth(double step) const {
    const Interpretation low = at(-step);
    const Interpretation high = at(step);
    return network_.relu_signs(low) == network_.relu_signs(high) &&
           network_.argmaxima(low) == network_.argmaxima(high);
  }

 private:
  const Network& network_;
  const Interpreter& forward_;
  const NamedTensors& direction_;
};

TEST(NetworkGradient, AlongRandomDirectionsThroughAllParametersAndTheInput) {
  SCOPED_TRACE("repeat with EVENKEEL_TEST_SEED=" + std::to_string(test_seed()));
  Draw draw(0);
  Network network(draw);
  const Interpreter forward(network.graph, N);
  const std::vector<Value> by_leaf = gradients(network.graph, network.loss, network.leaves);
  const Interpretation both = Interpreter(network.graph, N).run(network.feeds);
  for (const Value gradient : by_leaf) ASSERT_TRUE(finite(both.at(gradient)));

  for (int i = 0; i < 16; ++i) {
    const NamedTensors direction = random_direction(network, draw);
    const Line line(network, forward, direction);
    double step = 0x1p-10;
    while (step > 0x1p-24 && !line.is_smooth(step)) step /= 2;
    ASSERT_TRUE(line.is_smooth(step)) << "no step without a kink, down to " << step;

    double analytic = 0;
    for (std::size_t leaf = 0; leaf < by_leaf.size(); ++leaf) {
      const auto gradient = both.at(by_leaf[leaf]).values<double>();
      const auto along =
          direction.at(network.graph.node(network.leaves[leaf]).name).values<double>();
      for (std::size_t j = 0; j < gradient.size(); ++j) analytic += gradient[j] * along[j];
    }
    const double numeric =
        central_difference([&](double distance) { return line.loss_at(distance); }, step);
    EXPECT_NE(analytic, 0);
    EXPECT_LE(std::abs(numeric - analytic), 1e-6 * std::max(std::abs(analytic), std::abs(numeric)))
        << "direction " << i << ", step " << step << ": analytic " << analytic << ", numeric "
        << numeric;
  }
}

}  // namespace
}  // namespace evenkeel::test
