// SPDX-License-Identifier: Apache-2.0
// Optimisers and schedules step by step against PyTorch's numbers in double.
#include <gtest/gtest.h>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/update_graph.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

constexpr int kSteps = 6;

const Tensor& golden(const std::string& name) {
  static const SafetensorsFile file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/layers.safetensors");
  return file.tensor(name);
}

// A kernel that decays and a bias that does not, with gradients that are fed.
struct UpdateRun {
  Graph graph{"updates"};
  NamedTensors state;

  explicit UpdateRun(const Optimizer& optimizer) {
    const Value kernel =
        ops::parameter(graph, "kernel", {5, 3}, Initializer::zeros, DType::f64, Role::parameter);
    const Value bias =
        ops::parameter(graph, "bias", {3}, Initializer::zeros, DType::f64, Role::bias);
    const Value dk = ops::input(graph, "kernel_gradient", DType::f64, {5, 3});
    const Value db = ops::input(graph, "bias_gradient", DType::f64, {3});
    add_updates(graph, optimizer, {kernel, bias}, {dk, db});
    for (const Node& node : graph.nodes())
      if (std::holds_alternative<State>(node.op))
        state[node.name] = Tensor(DType::f64, node.outputs[0].shape);
    state["kernel"] = golden("optimizers/kernel");
    state["bias"] = golden("optimizers/bias");
  }

  void step(int index, double rate) {
    NamedTensors feeds = state;
    const std::string number = std::to_string(index);
    feeds["kernel_gradient"] = golden("optimizers/kernel_gradient/" + number);
    feeds["bias_gradient"] = golden("optimizers/bias_gradient/" + number);
    feeds["learning_rate"] = Tensor::of<double>({}, {rate});
    if (graph.contains("step")) feeds["step"] = Tensor::of<std::int64_t>({}, {index});
    const Interpretation result = Interpreter(graph, 1).run(feeds);
    for (const auto& [name, tensor] : result.updates) state[name] = tensor;
  }
};

struct Case {
  const char* name;
  Optimizer optimizer;
};

class GoldenOptimizer : public testing::TestWithParam<Case> {};

TEST_P(GoldenOptimizer, IsPyTorchsInDouble) {
  UpdateRun run(GetParam().optimizer);
  for (int step = 0; step < kSteps; ++step) {
    run.step(step, learning_rate_of(GetParam().optimizer));
    for (const char* tensor : {"kernel", "bias"}) {
      const std::string name =
          std::string("optimizers/") + GetParam().name + "/" + tensor + "/" + std::to_string(step);
      EXPECT_TRUE(test::close(run.state.at(tensor), golden(name), 1e-12, 1e-3)) << name;
    }
  }
}

const Case kCases[] = {
    {"sgd", Sgd{.learning_rate = 0.1}},
    {"sgd_momentum_l2", Sgd{.learning_rate = 0.05, .momentum = 0.9, .l2 = 0.02}},
    {"sgd_nesterov", Sgd{.learning_rate = 0.05, .momentum = 0.9, .nesterov = true, .l2 = 0.02}},
    {"adam_l2",
     Adam{
         .learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .form = AdamForm::pytorch, .l2 = 0.1}},
    {"adamw", AdamW{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .weight_decay = 0.1}},
    {"rmsprop", Rmsprop{.learning_rate = 0.01, .decay = 0.9}},
    {"rmsprop_momentum_l2",
     Rmsprop{.learning_rate = 0.01, .decay = 0.9, .momentum = 0.8, .l2 = 0.05}},
    {"adagrad", Adagrad{.learning_rate = 0.1}},
    {"adagrad_l2", Adagrad{.learning_rate = 0.05, .epsilon = 1e-3, .l2 = 0.05}},
    {"sgd_clipped", Sgd{.learning_rate = 0.1, .momentum = 0.9, .clip_norm = 1.5}},
};
INSTANTIATE_TEST_SUITE_P(All, GoldenOptimizer, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(GoldenOptimizer, DecayOfEveryRoleIsAskedForByName) {
  AdamW all{.learning_rate = 0.02, .weight_decay = 0.1};
  all.decays = {.kernels = true, .gamma = true, .beta = true, .bias = true};
  UpdateRun with(all);
  UpdateRun without(AdamW{.learning_rate = 0.02, .weight_decay = 0.1});
  with.step(0, 0.02);
  without.step(0, 0.02);
  EXPECT_EQ(with.state.at("kernel"), without.state.at("kernel"));
  EXPECT_NE(with.state.at("bias"), without.state.at("bias"));
}

class GoldenSchedule : public testing::Test {
 protected:
  static void expect(const std::string& name, const Schedule& schedule) {
    const auto rates = golden("schedules/" + name).values<double>();
    const auto total = static_cast<std::int64_t>(rates.size());
    for (std::int64_t step = 0; step < total; ++step)
      EXPECT_NEAR(schedule.rate(0.5, step, total), rates[static_cast<std::size_t>(step)], 1e-14)
          << name << " at step " << step;
  }
};

TEST_F(GoldenSchedule, IsPyTorchsInDouble) {
  expect("constant", Schedule::constant());
  expect("step", Schedule::step(7, 0.3));
  expect("exponential", Schedule::exponential(0.9));
  expect("exponential_every", Schedule::exponential(0.5, 8));
  expect("warm_up_exponential", Schedule::exponential(0.9).warm_up(5, 0.1));
  expect("cosine", Schedule::cosine(0.1));
  expect("one_cycle", Schedule::one_cycle());
  expect("warm_up", Schedule::cosine().warm_up(8, 0.1));
  expect("warm_up_constant", Schedule::constant().warm_up(6, 0.25));
  expect("warm_up_step", Schedule::step(7, 0.3).warm_up(5, 0.1));
}

TEST_F(GoldenSchedule, StaysAtItsEndPastTheRun) {
  EXPECT_DOUBLE_EQ(Schedule::cosine(0.25).rate(1, 1000, 40), 0.25);
  EXPECT_DOUBLE_EQ(Schedule::one_cycle().rate(1, 1000, 40), 1 / 25.0 / 1e4);
  EXPECT_DOUBLE_EQ(Schedule::exponential(0.5, 20).rate(1, 1000, 40), 0.25);
  EXPECT_DOUBLE_EQ(Schedule::cosine(0, 20).rate(1, 10, 40), 0.5);  // its own length
}

TEST_F(GoldenSchedule, RefusesWhatMakesNoSense) {
  EXPECT_THROW(Schedule::step(0), InvalidArgument);
  EXPECT_THROW(Schedule::step(5, 0), InvalidArgument);
  EXPECT_THROW(Schedule::exponential(0), InvalidArgument);
  EXPECT_THROW(Schedule::exponential(1.5), InvalidArgument);
  EXPECT_THROW(Schedule::exponential(0.9, 0), InvalidArgument);
  EXPECT_THROW(Schedule::cosine(2), InvalidArgument);
  EXPECT_THROW(Schedule::constant().warm_up(-1), InvalidArgument);
  EXPECT_THROW(Schedule::one_cycle().warm_up(10), InvalidArgument);
}

TEST(OptimizerSettings, NameWhatMakesNoSense) {
  const auto refusal = [](const Optimizer& optimizer) {
    try {
      require_valid(optimizer);
    } catch (const InvalidArgument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_NE(refusal(Adam{.learning_rate = -1}).find("[learning rate]"), std::string::npos);
  EXPECT_NE(refusal(AdamW{.weight_decay = -1}).find("[weight decay]"), std::string::npos);
  EXPECT_NE(refusal(Sgd{.momentum = 1}).find("[momentum]"), std::string::npos);
  EXPECT_NE(refusal(Sgd{.nesterov = true}).find("[nesterov]"), std::string::npos);
  EXPECT_NE(refusal(Rmsprop{.epsilon = 0}).find("[epsilon]"), std::string::npos);
  EXPECT_NE(refusal(Sgd{.clip_norm = -1}).find("[clip norm]"), std::string::npos);
  EXPECT_NE(refusal(Adagrad{.epsilon = -1}).find("[epsilon]"), std::string::npos);
  EXPECT_NE(refusal(Adagrad{.l2 = -1}).find("[l2]"), std::string::npos);
  EXPECT_NE(refusal(Muon{.momentum = 1}).find("[momentum]"), std::string::npos);
  EXPECT_NE(refusal(Muon{.momentum = 0}).find("[nesterov]"), std::string::npos);
  EXPECT_NE(refusal(Muon{.weight_decay = -1}).find("[weight decay]"), std::string::npos);
  EXPECT_NE(refusal(Muon{.other_factor = -1}).find("[other factor]"), std::string::npos);
  EXPECT_EQ(refusal(Rmsprop{}), "none");
  EXPECT_EQ(refusal(Adagrad{}), "none");
  EXPECT_EQ(refusal(Muon{}), "none");
}

}  // namespace
}  // namespace evenkeel
