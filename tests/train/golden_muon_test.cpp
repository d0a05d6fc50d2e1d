// SPDX-License-Identifier: Apache-2.0
// Muon step by step against PyTorch's, with AdamW for what is no matrix, in double.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/train/orthogonal.h"
#include "evenkeel/train/update_graph.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

constexpr int kMuonSteps = 6;

const Tensor& golden_muon(const std::string& name) {
  static const SafetensorsFile file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/layers.safetensors");
  return file.tensor("muon/" + name);
}

// Kernels of three shapes, one with a single output, and a bias; their gradients are fed.
const std::vector<std::pair<std::string, Role>> kTensors = {{"tall", Role::parameter},
                                                            {"wide", Role::parameter},
                                                            {"conv", Role::parameter},
                                                            {"narrow", Role::parameter},
                                                            {"bias", Role::bias}};

struct MuonRun {
  Graph graph{"updates"};
  NamedTensors state;

  explicit MuonRun(const Muon& muon) {
    std::vector<Value> parameters;
    std::vector<Value> gradients;
    for (const auto& [name, role] : kTensors) {
      const Shape shape = golden_muon(name).shape;
      parameters.push_back(
          ops::parameter(graph, name, shape, Initializer::zeros, DType::f64, role));
      gradients.push_back(ops::input(graph, name + "_gradient", DType::f64, shape));
    }
    add_updates(graph, muon, parameters, gradients);
    for (const Node& node : graph.nodes())
      if (std::holds_alternative<State>(node.op))
        state[node.name] = Tensor(DType::f64, node.outputs[0].shape);
    for (const auto& each : kTensors) state[each.first] = golden_muon(each.first);
  }

  NamedTensors feeds(int index, double rate) const {
    NamedTensors result = state;
    for (const auto& each : kTensors)
      result[each.first + "_gradient"] =
          golden_muon(each.first + "_gradient/" + std::to_string(index));
    result["learning_rate"] = Tensor::of<double>({}, {rate});
    result["step"] = Tensor::of<std::int64_t>({}, {index});
    return result;
  }
  void step(int index, double rate) {
    const Interpretation result = Interpreter(graph, 1).run(feeds(index, rate));
    for (const auto& [name, tensor] : result.updates) state[name] = tensor;
  }
};

void expect_golden(const std::string& name, const Muon& muon) {
  MuonRun run(muon);
  for (int step = 0; step < kMuonSteps; ++step) {
    run.step(step, step < kMuonSteps / 2 ? 0.05 : 0.025);
    for (const auto& each : kTensors) {
      const std::string tensor = name + "/" + each.first + "/" + std::to_string(step);
      EXPECT_TRUE(test::close(run.state.at(each.first), golden_muon(tensor), 1e-12, 1e-3))
          << tensor;
    }
  }
}

TEST(GoldenMuon, IsPyTorchsInDouble) {
  const Muon base{.learning_rate = 0.05, .other_factor = 0.2};
  expect_golden("nesterov", base);
  Muon plain = base;
  plain.momentum = 0.9;
  plain.nesterov = false;
  plain.weight_decay = 0.1;
  expect_golden("plain_decay", plain);
  Muon none = base;
  none.momentum = 0;
  none.nesterov = false;
  expect_golden("no_momentum", none);
}

TEST(GoldenMuon, HasVelocitiesOfMatricesAndAdamsSlotsOfTheRest) {
  const MuonRun run{Muon{}};
  for (const char* name : {"tall", "wide", "conv"}) {
    EXPECT_TRUE(run.state.contains("state/muon/velocity/" + std::string(name)));
    EXPECT_FALSE(run.state.contains("state/muon/m/" + std::string(name)));
  }
  for (const char* name : {"narrow", "bias"}) {
    EXPECT_FALSE(run.state.contains("state/muon/velocity/" + std::string(name)));
    EXPECT_TRUE(run.state.contains("state/muon/m/" + std::string(name)));
    EXPECT_TRUE(run.state.contains("state/muon/v/" + std::string(name)));
  }
}

// Every update that is made of a gradient that is not finite is counted, whichever the rule.
TEST(GoldenMuon, TellsOfGradientsThatAreNotFinite) {
  const MuonRun run{Muon{}};
  const auto counted = [&](const NamedTensors& feeds) {
    std::int64_t sum = 0;
    Graph graph = run.graph;
    const std::vector<Value> checks = graph.checks_after();
    for (std::size_t i = 0; i < checks.size(); ++i) graph.output(std::to_string(i), checks[i]);
    const Interpretation result = Interpreter(graph, 1).run(feeds);
    for (std::size_t i = 0; i < checks.size(); ++i)
      for (const std::int32_t count : result.outputs.at(std::to_string(i)).values<std::int32_t>())
        sum += count;
    return sum;
  };
  const NamedTensors good = run.feeds(0, 0.02);
  EXPECT_EQ(counted(good), 0);
  for (const auto& each : kTensors)
    for (const double value : {std::nan(""), HUGE_VAL}) {
      NamedTensors bad = good;
      bad[each.first + "_gradient"].values<double>()[1] = value;
      EXPECT_GT(counted(bad), 0) << each.first << " " << value;
    }
}

// x: [M,K] -> what add_orthogonalised makes of it.
Tensor orthogonalised(const Tensor& x) {
  Graph graph("orthogonal");
  const Value u = ops::input(graph, "u", x.dtype, x.shape);
  graph.output("o", add_orthogonalised(graph, u, "o"));
  NamedTensors feeds;
  feeds["u"] = x;
  return Interpreter(graph, 1).run(feeds).outputs.at("o");
}

// Of a diagonal matrix: each value goes through the polynomial by itself.
TEST(Orthogonalised, BringsSingularValuesNearOne) {
  const std::vector<double> values = {1, 0.5, 0.1, 0.02};
  Tensor x(DType::f64, {6, 4});
  for (std::size_t i = 0; i < 4; ++i) x.values<double>()[i * 4 + i] = 3 * values[i];
  const Tensor o = orthogonalised(x);
  for (std::size_t i = 0; i < 24; ++i) {
    const double value = o.values<double>()[i];
    if (i / 4 != i % 4)
      EXPECT_EQ(value, 0);
    else
      EXPECT_TRUE(value > 0.6 && value < 1.3) << value;
  }
}

TEST(Orthogonalised, KeepsNothingNothingAndForgetsTheSize) {
  const Tensor zero(DType::f64, {2, 3});
  EXPECT_EQ(orthogonalised(zero), zero);
  const auto scaled = [](double factor) {
    std::vector<double> values = {1, 2, -3, 0.5, 4, 1};
    for (double& value : values) value *= factor;
    return orthogonalised(Tensor::of<double>({2, 3}, values));
  };
  EXPECT_TRUE(test::close(scaled(1e6), scaled(1), 1e-10));
  EXPECT_TRUE(test::close(scaled(1e-3), scaled(1), 1e-6));
}

}  // namespace
}  // namespace evenkeel
