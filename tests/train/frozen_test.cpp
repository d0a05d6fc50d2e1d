// SPDX-License-Identifier: Apache-2.0
// Frozen batch norms in training: not a byte of them moves, and what is before them learns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/graph/graph.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/train/property_network.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;

constexpr DecayRoles kAllDecay = {true, true, true, true};

Model model() {
  return Sequential("two", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(4, 3, {.stride = 3})
      .batch_norm()
      .relu()
      .flatten()
      .dense(16)
      .batch_norm({.gamma_penalty = {.l2 = 0.1}, .beta_constraint = Constraint::max_norm(0.5)})
      .relu()
      .dense(10)
      .build();
}

Trainer trainer(const Model& network, const Optimizer& optimizer = Adam{.learning_rate = 3e-3}) {
  return Trainer(network, softmax_cross_entropy(), optimizer, {.seed = 1, .threads = 2});
}

// A file of the network after an epoch, none of it frozen.
void save_trained(const std::filesystem::path& path, const Optimizer& optimizer) {
  Trainer first = trainer(model(), optimizer);
  first.fit(small_data(), {.epochs = 1, .batch_size = 32});
  first.save(path);
}

std::map<std::string, Tensor> states(const Trainer& trainer) {
  std::map<std::string, Tensor> result;
  for (const std::string& name : trainer.state_names()) result[name] = trainer.state(name);
  return result;
}

bool of_layer(const std::string& name, const std::string& layer) {
  return name.find(layer + "/") != std::string::npos;
}

struct Optimizing : testing::TestWithParam<Optimizer> {};

TEST_P(Optimizing, MovesNoByteOfAFrozenLayer) {
  const TemporaryFolder folder;
  save_trained(folder / "first", GetParam());
  Trainer run = trainer(freeze(model(), "bn*"), GetParam());
  run.restore(folder / "first");
  const auto before = states(run);
  for (const auto& [name, tensor] : before) {
    if (!of_layer(name, "bn1") && !of_layer(name, "bn2")) continue;
    EXPECT_EQ(name.find(std::string(name_of(GetParam())) + "/"), std::string::npos)
        << name << " is a slot of what does not train";
  }
  run.fit(small_data(), {.epochs = 2, .batch_size = 32});
  EXPECT_EQ(run.completed_steps(), 20);
  for (const auto& [name, tensor] : states(run)) {
    if (of_layer(name, "bn1") || of_layer(name, "bn2"))
      EXPECT_EQ(tensor, before.at(name)) << name;
    else
      EXPECT_NE(tensor, before.at(name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Optimizing,
    testing::Values(Adam{.learning_rate = 3e-3, .l2 = 0.1, .decays = kAllDecay},
                    AdamW{.learning_rate = 3e-3, .weight_decay = 0.1, .decays = kAllDecay},
                    Sgd{.learning_rate = 0.05, .l2 = 0.1, .clip_norm = 1, .decays = kAllDecay},
                    Sgd{.learning_rate = 0.05,
                        .momentum = 0.9,
                        .nesterov = true,
                        .l2 = 0.1,
                        .decays = kAllDecay},
                    Rmsprop{.momentum = 0.9, .l2 = 0.1, .decays = kAllDecay},
                    Adagrad{.l2 = 0.1, .decays = kAllDecay},
                    Muon{.weight_decay = 0.1, .decays = kAllDecay}),
    [](const auto& info) { return std::string(name_of(info.param)) + std::to_string(info.index); });

// In training as in inference: the loss before the update is what evaluate() gives.
TEST(Frozen, TrainsByTheMovingStatistics) {
  const TemporaryFolder folder;
  save_trained(folder / "first", Adam{.learning_rate = 3e-3});
  Trainer run = trainer(freeze(model(), "bn*"));
  run.restore(folder / "first");
  const Dataset batch = small_data(32);
  const double expected = run.evaluate(batch).loss;
  double loss = 0;
  const Callback look{.on_batch = [&](Trainer&, const BatchEvent& event) { loss = event.loss; }};
  run.fit(batch, {.epochs = 11, .batch_size = 32, .callbacks = {look}});
  EXPECT_EQ(run.completed_steps(), 11);
  EXPECT_NEAR(loss, expected, 1e-5 * expected);
}

TEST(Frozen, GoesOnAfterFreezingAndUnfreezing) {
  const TemporaryFolder folder;
  const Dataset data = small_data();
  const Adam adam{.learning_rate = 3e-3};
  save_trained(folder / "first", adam);

  Trainer frozen = trainer(freeze(model(), "bn1"), adam);
  frozen.restore(folder / "first");
  frozen.fit(data, {.epochs = 2, .batch_size = 32});
  frozen.save(folder / "frozen");
  EXPECT_EQ(Checkpoint::read(folder / "frozen").network, freeze(model(), "bn1").graph());

  Trainer last = trainer(model(), adam);
  last.fit(data, {.epochs = 3, .batch_size = 32});  // what restore() has to clear away
  last.restore(folder / "frozen");
  EXPECT_EQ(last.completed_steps(), 20);
  const auto restored = states(last);
  for (const auto& [name, tensor] : states(frozen)) EXPECT_EQ(restored.at(name), tensor) << name;
  for (const char* slot : {"state/adam/m/bn1/gamma", "state/adam/v/bn1/beta"})
    EXPECT_EQ(restored.at(slot), Tensor(DType::f32, {4})) << slot;
  const Tensor gamma = last.state("bn1/gamma");
  last.fit(data, {.epochs = 3, .batch_size = 32});
  EXPECT_NE(last.state("bn1/gamma"), gamma);
  EXPECT_EQ(last.state("state/bn1/updates_seen").values<std::int64_t>()[0], 20)
      << "the ten updates of the first epoch and of the last";
}

TEST(Frozen, APredictorOfItsFileKnowsIt) {
  const TemporaryFolder folder;
  save_trained(folder / "first", Adam{.learning_rate = 3e-3});
  Trainer run = trainer(freeze(model(), "bn*"));
  run.restore(folder / "first");
  run.save(folder / "frozen");
  const Predictor predictor = Predictor::load(folder / "frozen");
  EXPECT_EQ(predictor.model().graph(), freeze(model(), "bn*").graph());
}

TEST(Frozen, OtherNetworksAreStillRefused) {
  const TemporaryFolder folder;
  save_trained(folder / "first", Adam{.learning_rate = 3e-3});
  Trainer sgd = trainer(freeze(model(), "bn*"), Sgd{});
  EXPECT_THAT(message_of([&] { sgd.restore(folder / "first"); }),
              HasSubstr("holds tensor 'state/adam/m/conv1/bias'"));
  const Model other = Sequential("two", image(28, 28, 1).scale(1 / 255.0))
                          .conv2d(4, 3, {.stride = 3})
                          .batch_norm({.epsilon = 1e-2})
                          .relu()
                          .flatten()
                          .dense(16)
                          .batch_norm()
                          .relu()
                          .dense(10)
                          .build();
  Trainer another = trainer(freeze(other, "bn*"));
  EXPECT_THAT(message_of([&] { another.restore(folder / "first"); }),
              HasSubstr("its layers have other settings"));
}

TEST(Frozen, StatisticsThatWereNeverUpdatedAreRefusedBeforeTheFirstStep) {
  Trainer run = trainer(freeze(model(), "bn2"));
  const auto before = states(run);
  EXPECT_EQ(message_of([&] { run.fit(small_data(), {.batch_size = 32}); }),
            "[bn2] is frozen and expected moving statistics that training has updated, got "
            "updates_seen 0: it would normalise with where they began; restore a trained "
            "checkpoint first, or unfreeze() it");
  EXPECT_THROW(run.fit(small_data(), {.batch_size = 32}), UntrainedStatistics);
  EXPECT_EQ(run.completed_steps(), 0);
  EXPECT_EQ(states(run), before);
}

// Of any kind of batch norm, in any place: frozen, not a byte of it moves.
TEST(FrozenProperty, ChangesNoByte) {
  check_property(15, [] {
    const Model network = drawn_network(8);
    const Dataset data = small_data(64);
    Trainer first = trainer(network);
    first.fit(data, {.epochs = 1, .batch_size = 32});
    const TemporaryFolder folder;
    first.save(folder / "first");
    Trainer run = trainer(freeze(network, "bn*"));
    run.restore(folder / "first");
    const auto before = states(run);
    run.fit(data, {.epochs = 2, .batch_size = 32});
    RC_ASSERT(run.completed_steps() == 4);
    for (const auto& [name, tensor] : states(run))
      if (name.find("bn") != std::string::npos && !(tensor == before.at(name)))
        RC_FAIL(name + " has moved");
  });
}

}  // namespace
}  // namespace evenkeel::test
