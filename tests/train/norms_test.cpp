// SPDX-License-Identifier: Apache-2.0
// Training with layer norm, group norm and instance norm.
#include <gtest/gtest.h>

#include "evenkeel/train/predictor.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

struct NormSetting {
  const char* name;
  void (*add)(Sequential&);
};
class EveryNorm : public testing::TestWithParam<NormSetting> {
 protected:
  Model model() const {
    Sequential model("norms", image(28, 28, 1).scale(1 / 255.0));
    // Wider windows would make stripes of several classes the same.
    model.avg_pool2d(2).conv2d(6, 3, {.stride = 2, .bias = false});
    GetParam().add(model);
    return model.relu().flatten().dense(10).build();
  }
  Trainer trainer(const TrainerOptions& options) const {
    return Trainer(model(), softmax_cross_entropy(), Adam{.learning_rate = 1e-2}, options);
  }
};

TEST_P(EveryNorm, LowersTheLossAndLearns) {
  Trainer run = trainer({.seed = 1, .threads = 2});
  std::vector<double> losses;
  const Callback watch{
      .on_batch = [&](Trainer&, const BatchEvent& event) { losses.push_back(event.loss); }};
  run.fit(small_data(), {.epochs = 8, .batch_size = 32, .callbacks = {watch}});
  ASSERT_EQ(losses.size(), 80U);
  EXPECT_LT(losses[9], 0.9 * losses[0]);
  EXPECT_LT(losses[79], 0.2 * losses[0]);
  EXPECT_GT(run.evaluate(small_data(128, 2)).accuracy, 0.9);
}

TEST_P(EveryNorm, GivesTheSameBytesAtAnyNumberOfThreads) {
  const auto weights = [&](int threads) {
    Trainer run = trainer({.seed = 1, .threads = threads, .kernels = "native"});
    run.fit(small_data(96), {.epochs = 1, .batch_size = 32});
    return run.state("dense1/kernel");
  };
  EXPECT_EQ(weights(1), weights(3));
}

// There are no moving statistics: what a checkpoint predicts is what training computed.
TEST_P(EveryNorm, PredictsFromItsCheckpointAsTheTrainerEvaluates) {
  Trainer run = trainer({.seed = 1, .threads = 2});
  run.fit(small_data(), {.epochs = 2, .batch_size = 32});
  const TemporaryFolder folder;
  run.save(folder / "norms");
  const Dataset unseen = small_data(64, 2);
  const Predictor predictor = Predictor::load(folder / "norms");
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < unseen.size(); ++i)
    right += predictor.classify(unseen.image(i)) == unseen.labels()[static_cast<std::size_t>(i)];
  EXPECT_EQ(right, run.evaluate(unseen).correct);
}

const NormSetting kNormSettings[] = {
    {"layer_norm", [](Sequential& model) { model.layer_norm(); }},
    {"group_norm", [](Sequential& model) { model.group_norm(2); }},
    {"instance_norm", [](Sequential& model) { model.instance_norm(); }},
    {"whole_sample", [](Sequential& model) { model.group_norm(1, {.scale = false}); }},
    {"layer_norm_bare",
     [](Sequential& model) { model.layer_norm({.center = false, .scale = false}); }}};
INSTANTIATE_TEST_SUITE_P(All, EveryNorm, testing::ValuesIn(kNormSettings),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace evenkeel::test
