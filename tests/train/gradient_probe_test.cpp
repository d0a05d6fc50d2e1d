// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/gradient_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "evenkeel/model/networks.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/run_histograms.h"
#include "evenkeel/train/trainer_view.h"
#include "tests/support/compare.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using test::small_data;
using ::testing::ElementsAre;

constexpr std::int64_t kBatch = 32;

using Gradients = std::vector<std::pair<std::string, Tensor>>;

SeeTensor into(Gradients& gradients) {
  return [&gradients](const std::string& name, const TensorView& seen) {
    Tensor tensor(seen.dtype, seen.shape);
    std::copy(seen.bytes.begin(), seen.bytes.end(), tensor.bytes.begin());
    gradients.emplace_back(name, std::move(tensor));
  };
}

Gradients next_gradients(const Trainer& trainer, const Dataset& data, std::int64_t images) {
  Gradients gradients;
  TrainerView(trainer).next_gradients(data, images, into(gradients));
  return gradients;
}

std::vector<std::string> names_of(const Gradients& gradients) {
  std::vector<std::string> names;
  for (const auto& [name, gradient] : gradients) names.push_back(name);
  return names;
}

// With plain SGD at rate 1 a step takes the gradient away.
void expect_next_step(Model model, TrainerOptions options) {
  options.seed = 1;
  options.threads = 1;
  Trainer trainer(std::move(model), softmax_cross_entropy(), Sgd{.learning_rate = 1}, options);
  const Dataset data = small_data();
  Gradients expected;
  std::map<std::string, Tensor> before;
  Callback callback;
  callback.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == 1) {
      expected = next_gradients(trainer, data, kBatch);
      for (const auto& [name, gradient] : expected) before[name] = trainer.state(name);
    }
    if (event.step == 2) trainer.request_stop();
  };
  trainer.fit(data, {.epochs = 1, .batch_size = kBatch, .callbacks = {callback}});
  ASSERT_FALSE(expected.empty());
  for (const auto& [name, gradient] : expected) {
    const std::vector<double> was = test::to_doubles(before.at(name));
    std::vector<double> change = test::to_doubles(trainer.state(name));
    for (std::size_t i = 0; i < change.size(); ++i) change[i] = was[i] - change[i];
    EXPECT_TRUE(test::close(gradient, change, 1e-3, 1e-3)) << name;
  }
}

TEST(GradientProbe, GivesWhatTheNextStepTakesAway) { expect_next_step(test::small_model(), {}); }

TEST(GradientProbe, WithDropoutToo) {
  expect_next_step(Sequential("dropping", image(28, 28, 1).scale(1 / 255.0))
                       .max_pool2d(4)
                       .flatten()
                       .dense(16, {.activation = Activation::relu})
                       .dropout(0.5)
                       .dense(10)
                       .build(),
                   {});
}

TEST(GradientProbe, OfSmoothedLabelsAndWeightedClassesToo) {
  TrainerOptions options;
  options.label_smoothing = 0.1;
  options.class_weights = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
  expect_next_step(test::small_model(), options);
}

TEST(GradientProbe, InDoublePrecisionToo) {
  TrainerOptions options;
  options.precision = Precision::f64;
  options.kernels = "reference";
  expect_next_step(test::small_model(), options);
}

TEST(GradientProbe, NamesAllThatTrains) {
  Trainer trainer = test::small_trainer();
  const auto gradients = next_gradients(trainer, small_data(), kBatch);
  EXPECT_THAT(names_of(gradients), ElementsAre("bn1/gamma", "bn1/beta", "dense1/kernel",
                                               "dense1/bias", "dense2/kernel", "dense2/bias"));
}

TEST(GradientProbe, OfAccumulatedBatchesTheFirst) {
  Trainer trainer = test::small_trainer();
  const Dataset data = small_data();
  Gradients of_update;
  Gradients of_batch;
  Callback callback;
  callback.on_begin = [&](Trainer&, const BatchEvent&) {
    of_update = next_gradients(trainer, data, 2 * kBatch);
    of_batch = next_gradients(trainer, data, kBatch);
  };
  trainer.fit(data, {.epochs = 1, .batch_size = kBatch, .callbacks = {callback}, .accumulate = 2});
  ASSERT_FALSE(of_batch.empty());
  EXPECT_EQ(of_update, of_batch);
}

// The largest gradient of the network has 12.8 MB, and its step keeps none.
TEST(GradientProbe, OccupiesNoMemoryBesideThatOfTraining) {
  constexpr std::int64_t kImages = 128;
  TrainerOptions options;
  options.threads = 1;
  Trainer trainer(mnist_cnn(), softmax_cross_entropy(), Adam{}, options);
  const Dataset data = small_data(kImages);
  trainer.fit(data, {.epochs = 1, .batch_size = kImages});
  const TrainerView view(trainer);
  const std::size_t before = view.workspace_bytes();
  Gradients gradients;
  ASSERT_TRUE(view.next_gradients(data, kImages, into(gradients)));
  EXPECT_EQ(view.workspace_bytes(), before);
  EXPECT_THAT(
      names_of(gradients),
      ElementsAre("conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias", "bn1/gamma",
                  "bn1/beta", "dense1/kernel", "dense1/bias", "dense2/kernel", "dense2/bias"));
  std::int64_t histograms = 0;
  run_histograms(trainer, data, kImages, [&](const auto&, const auto&) { ++histograms; });
  EXPECT_EQ(histograms, 22);  // twelve states of floats, ten gradients
  EXPECT_EQ(view.workspace_bytes(), before);
}

TEST(GradientProbe, GivesInSeveralRunsWhatOneGives) {
  constexpr std::int64_t kImages = 8;
  const Model model = mnist_cnn();
  const Dataset data = small_data(kImages);
  const std::vector<std::int64_t> indices = {0, 1, 2, 3, 4, 5, 6, 7};
  StateStore state(model.graph(), 1);
  const GradientProbe probe(model.graph(), softmax_cross_entropy(), Labels::classes,
                            {.batch = kImages});
  std::int64_t runs = 0;
  const auto feed_all = [&](Executor& executor) {
    ++runs;
    feed(executor, data, indices);
    return true;
  };
  const auto seen_in = [&](const std::shared_ptr<Workspace>& workspace) {
    Gradients gradients;
    EXPECT_TRUE(probe.run(state, workspace, feed_all, into(gradients)));
    return gradients;
  };
  const auto large = std::make_shared<Workspace>();
  large->arena(std::size_t{64} << 20);
  const Gradients expected = seen_in(large);
  EXPECT_EQ(runs, 1);
  const Gradients several = seen_in(std::make_shared<Workspace>());
  EXPECT_GT(runs, 2);
  ASSERT_EQ(names_of(several), names_of(expected));
  for (std::size_t i = 0; i < several.size(); ++i)
    EXPECT_TRUE(test::close(several[i].second, expected[i].second, 1e-3, 1e-3)) << several[i].first;
}

TEST(GradientProbe, LeavesTheRunAsItIs) {
  const Dataset data = small_data();
  const auto train = [&](bool look) {
    Trainer trainer = test::small_trainer();
    Callback callback;
    callback.on_batch = [&](Trainer&, const BatchEvent&) {
      if (look) next_gradients(trainer, data, kBatch);
    };
    trainer.fit(data, {.epochs = 1, .batch_size = kBatch, .callbacks = {callback}});
    std::vector<Tensor> state;
    for (const std::string& name : trainer.state_names()) state.push_back(trainer.state(name));
    return state;
  };
  EXPECT_EQ(train(true), train(false));
}

TEST(GradientProbe, IsEmptyWhereTheLossIsNotFinite) {
  Trainer trainer = test::small_trainer();
  Tensor kernel = trainer.state("dense2/kernel");
  kernel.values<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  trainer.set_state("dense2/kernel", kernel);
  EXPECT_TRUE(next_gradients(trainer, small_data(), kBatch).empty());
}

TEST(GradientProbe, IsEmptyWhereTheBatchIsLargerThanTheData) {
  const Trainer trainer = test::small_trainer();
  const TrainerView view(trainer);
  Gradients gradients;
  for (const std::int64_t images : {std::int64_t{0}, kBatch, 2 * kBatch})
    EXPECT_FALSE(view.next_gradients(small_data(kBatch - 1), images, into(gradients))) << images;
  EXPECT_TRUE(gradients.empty());
}

}  // namespace
}  // namespace evenkeel
