// SPDX-License-Identifier: Apache-2.0
// Statistics of files that do not count their updates are settled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/study/doctor.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/compare.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;

Model model_with(const MovingRule& decay) {
  return Sequential("settled", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .batch_norm({.decay = decay})
      .dense(10)
      .build();
}

Trainer trainer_of_model(const Model& network) {
  return Trainer(network, softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 2});
}

// Of a trained network, without the count of updates.
void save_uncounted(const Model& network, const std::filesystem::path& path) {
  Trainer run = trainer_of_model(network);
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  run.save(path);
  SafetensorsFile file = SafetensorsFile::read(path);
  file.tensors.erase("state/bn1/updates_seen");
  file.metadata.erase("checksum/state/bn1/updates_seen");
  TensorViews views;
  for (const auto& [name, tensor] : file.tensors) views[name] = tensor;
  StagedSafetensors(path, views, file.metadata).finish();
}

std::int64_t updates(const Trainer& trainer) {
  return trainer.state("state/bn1/updates_seen").values<std::int64_t>()[0];
}

TEST(SettledStatistics, AreThoseOfAFileWithoutACount) {
  const TemporaryFolder folder;
  const Model network = model_with(Decay::keep(0.9));
  save_uncounted(network, folder / "file");
  EXPECT_NO_THROW(Predictor::load(folder / "file"));
  Trainer run = trainer_of_model(network);
  run.restore(folder / "file");
  EXPECT_EQ(updates(run), kSettledUpdates);
  EXPECT_NO_THROW(run.evaluate(small_data()));
  // The count-weighted rule keeps 0.9 from the first update on.
  const double mean = run.state("bn1/moving_mean").values<float>()[0];
  run.fit(small_data(), {.epochs = 2, .batch_size = 32});
  EXPECT_EQ(updates(run), kSettledUpdates + 10);
  Trainer plain = trainer_of_model(network);
  plain.restore(folder / "file");
  Tensor zeros = plain.state("bn1/moving_mean");
  for (float& value : zeros.values<float>()) value = 0;
  plain.set_state("bn1/moving_mean", zeros);
  plain.fit(small_data(), {.epochs = 2, .batch_size = 32});
  const double left = run.state("bn1/moving_mean").values<float>()[0] -
                      static_cast<double>(plain.state("bn1/moving_mean").values<float>()[0]);
  EXPECT_NEAR(left, mean * std::pow(0.9, 10), 1e-5);
}

TEST(SettledStatistics, MayBeFrozen) {
  const TemporaryFolder folder;
  const Model network = model_with(Cumulative{});
  save_uncounted(network, folder / "file");
  Trainer run = trainer_of_model(freeze(network, "bn1"));
  run.restore(folder / "file");
  EXPECT_TRUE(run.fit(small_data(), {.epochs = 2, .batch_size = 32}));
}

TEST(SettledStatistics, GiveACumulativeMeanNothingToGoOnFrom) {
  const TemporaryFolder folder;
  save_uncounted(model_with(Cumulative{}), folder / "file");
  Trainer run = trainer_of_model(model_with(Cumulative{}));
  run.restore(folder / "file");
  EXPECT_NO_THROW(run.evaluate(small_data()));
  EXPECT_THAT(message_of([&] { run.fit(small_data(), {.epochs = 2, .batch_size = 32}); }),
              HasSubstr("[bn1] Cumulative{} expected to know how many updates"));
  EXPECT_THROW(run.fit(small_data(), {.epochs = 2, .batch_size = 32}), InvalidArgument);
}

TEST(SettledStatistics, AreTakenByDoctorForWhatTheyAre) {
  const TemporaryFolder folder;
  save_uncounted(model_with(Decay::keep(0.9)), folder / "file");
  const Patient patient = read_patient(folder / "file");
  for (const Finding& finding : examine(patient)) {
    EXPECT_NE(finding.id, "statistics-never-updated");
    EXPECT_NE(finding.id, "statistics-weigh-initial-value");
    EXPECT_THAT(finding.evidence, ::testing::Not(HasSubstr("000,000,000")));
  }
  // 0 and 1 are judged as what they are.
  Patient untouched = patient;
  for (float& value : untouched.state.at("bn1/moving_mean").values<float>()) value = 0;
  for (float& value : untouched.state.at("bn1/moving_variance").values<float>()) value = 1;
  const auto findings = examine(untouched);
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.id == "statistics-never-updated" && finding.severity == Severity::error;
  }));
}

// n-th update keeps n / (n + 1): the moving mean is that of the batches' means.
TEST(CumulativeStatistics, AreTheMeanOverAllBatches) {
  Trainer run = trainer_of_model(model_with(Cumulative{}));
  Trainer fast = trainer_of_model(model_with(Decay::keep(1e-9)));
  std::vector<double> sum(49, 0.0);
  const auto data = small_data();
  const Callback add{.on_batch = [&](Trainer& now, const BatchEvent&) {
    const Tensor mean = now.state("bn1/moving_mean");  // of this batch alone
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += mean.values<float>()[i];
  }};
  fast.fit(data, {.epochs = 2, .batch_size = 32, .callbacks = {add}});
  run.fit(data, {.epochs = 2, .batch_size = 32});
  for (double& value : sum) value /= 20;
  EXPECT_TRUE(close(run.state("bn1/moving_mean"), sum, 1e-5, 1));
}

}  // namespace
}  // namespace evenkeel::test
