// SPDX-License-Identifier: Apache-2.0
// Muon in planned training steps: against the interpreter, beside fused updates, and with gradients
// that are not finite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/step_graph.h"
#include "tests/support/feeds.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

// Kernels taller and wider than they are wide and tall, convolutions in groups, one of a single
// input, and batch norm.
Graph muon_network() {
  return Sequential("matrices", image(8, 8, 3))
      .conv2d(8, 3, {.activation = Activation::relu})
      .batch_norm()
      .conv2d(16, 3, {.groups = 4})
      .max_pool2d(2)
      .flatten()
      .dense(40, {.activation = Activation::relu})
      .dense(10)
      .build()
      .graph();
}

Graph step_of(const Graph& graph, const Optimizer& optimizer, DType dtype) {
  return add_training_step(to_training(with_float(graph, dtype)), softmax_cross_entropy(),
                           optimizer);
}

TEST(MuonPlans, GiveTheInterpretersNumbers) {
  for (const Muon& muon :
       {Muon{.weight_decay = 0.1}, Muon{.momentum = 0, .nesterov = false, .clip_norm = 0.5}}) {
    for (const int threads : {1, 3}) {
      const CompileOptions options{.batch = 6, .machine = {threads}};
      test::expect_plan_agrees(step_of(muon_network(), muon, DType::f64), Level::training, options,
                               1, 1e-9);
      test::expect_plan_agrees(step_of(muon_network(), muon, DType::f32), Level::training, options,
                               1, 2e-3);
    }
  }
}

// Of Adam's, the product of a dense layer's gradient and its update are one step of the plan.
TEST(MuonPlans, FuseNoUpdateOfAMatrix) {
  const auto plan_of = [](const Optimizer& optimizer) {
    const AddStep add = [&](const Graph& graph) {
      return add_training_step(graph, softmax_cross_entropy(), optimizer);
    };
    return compile_training_step(muon_network(), add, {.batch = 6});
  };
  const auto fused = [](const Plan& plan) {
    int count = 0;
    for (const Phase& phase : plan.run)
      for (const Step& step : phase.steps)
        if (step.kernel.find("matmul_adam") != std::string::npos) ++count;
    return count;
  };
  EXPECT_GT(fused(*plan_of(Adam{})), 0);
  EXPECT_EQ(fused(*plan_of(Muon{})), 0);
}

TEST(MuonPlans, HaveTheRestTrainedAtItsShareOfTheRate) {
  const auto trained = [](double rate, double factor) {
    Trainer run(test::small_model(), softmax_cross_entropy(),
                Muon{.learning_rate = rate, .other_factor = factor}, {.seed = 1, .threads = 1});
    run.fit(test::small_data(32), {.epochs = 1, .batch_size = 32});
    return std::pair(run.state("dense2/bias"), run.state("dense2/kernel"));
  };
  const auto [bias, kernel] = trained(0.25, 0.125);
  const auto [same_bias, other_kernel] = trained(0.125, 0.25);
  EXPECT_EQ(bias, same_bias);
  EXPECT_NE(kernel, other_kernel);
  const auto [other_bias, same_kernel] = trained(0.25, 0.25);
  EXPECT_NE(bias, other_bias);
  EXPECT_EQ(kernel, same_kernel);
}

// Whichever way a resumed run came to the rate: by the checkpoint's settings, or set at once.
TEST(MuonPlans, ALearningRateChangedTwiceGoesOnWithTheSameBytes) {
  const test::TemporaryFolder folder;
  const auto trainer = [](const Optimizer& optimizer) {
    return Trainer(test::small_model(), softmax_cross_entropy(), optimizer,
                   {.seed = 1, .threads = 2, .schedule = Schedule::exponential(0.9, 5)});
  };
  Trainer whole = trainer(Muon{});
  whole.set_learning_rate(0.3 * whole.learning_rate());
  whole.fit(test::small_data(), {.epochs = 1, .batch_size = 32});
  whole.set_learning_rate(0.7 * whole.learning_rate());
  const double rate = whole.learning_rate();
  whole.save(folder / "middle");
  whole.fit(test::small_data(), {.epochs = 2, .batch_size = 32});
  whole.save(folder / "whole");
  const auto bytes_from = [&](const Optimizer& optimizer) {
    Trainer second = trainer(optimizer);
    second.restore(folder / "middle");
    second.set_learning_rate(rate);
    second.fit(test::small_data(), {.epochs = 2, .batch_size = 32});
    second.save(folder / "second");
    return test::read_bytes(folder / "second");
  };
  EXPECT_EQ(bytes_from(Muon{}), test::read_bytes(folder / "whole"));
  EXPECT_EQ(bytes_from(Checkpoint::read(folder / "middle").settings.optimizer),
            test::read_bytes(folder / "whole"));
}

}  // namespace
}  // namespace evenkeel
