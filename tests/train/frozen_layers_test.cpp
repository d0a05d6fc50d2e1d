// SPDX-License-Identifier: Apache-2.0
// Frozen layers of any kind in training: no gradient, no slots, no byte of theirs moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/compile/plan.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/train/checkpoint.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;

constexpr DecayRoles kEverythingDecays = {true, true, true, true};

Model layered_model() {
  return Sequential("net", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(2)
      .conv2d(4, 3, {.stride = 2, .activation = Activation::relu})
      .conv2d(4, 3, {.stride = 2})
      .layer_norm()
      .flatten()
      .dense(16)
      .batch_norm()
      .relu()
      .dense(10)
      .build();
}

Trainer layered_trainer(const Model& network,
                        const Optimizer& optimizer = Adam{.learning_rate = 3e-3}) {
  return Trainer(network, softmax_cross_entropy(), optimizer, {.seed = 1, .threads = 2});
}

std::map<std::string, Tensor> frozen_states(const Trainer& trainer) {
  std::map<std::string, Tensor> result;
  for (const std::string& name : trainer.state_names()) result[name] = trainer.state(name);
  return result;
}

struct Freezing : testing::TestWithParam<Optimizer> {};

TEST_P(Freezing, MovesNoByteOfAFrozenLayerAndHasNoSlotsForIt) {
  for (const std::string layer : {"conv1", "conv2", "ln1", "dense1", "dense2"}) {
    Trainer run = layered_trainer(freeze(layered_model(), layer), GetParam());
    const auto before = frozen_states(run);
    run.fit(small_data(64), {.epochs = 2, .batch_size = 32, .accumulate = 2});
    run.fit(small_data(64), {.epochs = 3, .batch_size = 64});
    for (const auto& [name, tensor] : frozen_states(run)) {
      const bool own = name.starts_with(layer + "/");
      if (own) {
        EXPECT_EQ(tensor, before.at(name)) << name;
      } else if (name.ends_with("/kernel") && !name.starts_with("state/")) {
        EXPECT_NE(tensor, before.at(name)) << name;
      }
      EXPECT_FALSE(name.starts_with("state/") && name.find("/" + layer + "/") != std::string::npos)
          << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Optimizers, Freezing,
                         testing::Values(AdamW{.weight_decay = 0.1, .decays = kEverythingDecays},
                                         Sgd{.learning_rate = 0.05,
                                             .momentum = 0.9,
                                             .l2 = 0.1,
                                             .clip_norm = 0.5,
                                             .decays = kEverythingDecays},
                                         Adagrad{.l2 = 0.1, .decays = kEverythingDecays}),
                         [](const auto& info) {
                           return std::string(name_of(info.param)) + std::to_string(info.index);
                         });

// What is before the last trained layer, and frozen, is run forward alone.
TEST(FrozenLayers, CostNoBackwardPass) {
  const auto backward = [](Trainer run) {
    std::vector<std::string> names;
    for (const Phase& phase : run.plan(32).run)
      for (const Step& step : phase.steps)
        if (step.name.find("grad") != std::string::npos) names.push_back(step.name);
    return names;
  };
  const auto of = [](const std::vector<std::string>& names, const std::string& layer) {
    return std::count_if(names.begin(), names.end(),
                         [&](const std::string& name) { return name.starts_with(layer + "/"); });
  };
  const auto all = backward(layered_trainer(layered_model()));
  const auto first = backward(layered_trainer(freeze(layered_model(), "conv1")));
  const auto features = backward(layered_trainer(freeze(freeze(layered_model(), "conv*"), "ln1")));
  const auto last = backward(layered_trainer(freeze(layered_model(), "dense2")));
  EXPECT_GT(of(all, "conv1"), 0);
  EXPECT_EQ(of(first, "conv1"), 0);
  EXPECT_GT(of(first, "conv2"), 0);
  EXPECT_EQ(of(features, "conv2") + of(features, "ln1"), 0);
  EXPECT_GT(of(features, "dense1"), 0);
  EXPECT_EQ(of(last, "conv1"), of(all, "conv1"));
}

TEST(FrozenLayers, ARunGoesOnWithThemFreeAndTheOtherWayRound) {
  const TemporaryFolder folder;
  Trainer first = layered_trainer(freeze(layered_model(), "conv*"));
  first.fit(small_data(64), {.epochs = 2, .batch_size = 32});
  first.save(folder / "frozen");
  Trainer second = layered_trainer(layered_model());
  second.restore(folder / "frozen");
  const Tensor m = second.state("state/adam/m/conv1/kernel");
  EXPECT_EQ(m, Tensor(m.dtype, m.shape));
  EXPECT_EQ(second.state("state/adam/m/dense1/kernel"), first.state("state/adam/m/dense1/kernel"));
  second.fit(small_data(64), {.epochs = 3, .batch_size = 32});
  EXPECT_NE(second.state("conv1/kernel"), first.state("conv1/kernel"));
  second.save(folder / "free");
  Trainer third = layered_trainer(freeze(layered_model(), "*2"));
  third.restore(folder / "free");
  third.fit(small_data(64), {.epochs = 4, .batch_size = 32});
  EXPECT_EQ(third.state("conv2/kernel"), second.state("conv2/kernel"));
  EXPECT_NE(third.state("conv1/kernel"), second.state("conv1/kernel"));
}

TEST(FrozenLayers, AllOfThemLeaveNothingToTrain) {
  Trainer run = layered_trainer(freeze(layered_model(), "*"));
  EXPECT_THAT(message_of([&] { run.fit(small_data(64), {.epochs = 1, .batch_size = 32}); }),
              HasSubstr("[net] expected a layer to train, all of them are frozen; unfreeze one"));
}

}  // namespace
}  // namespace evenkeel::test
