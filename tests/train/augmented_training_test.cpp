// SPDX-License-Identifier: Apache-2.0
// Training on augmented images: the same to the byte however batches are made ready.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using test::small_data;
using test::small_trainer;
using ::testing::HasSubstr;

const Augmentation kAugmentation = {.flip = true, .rotate = 15, .shift = 1, .crop = 2, .cutout = 6};

FitOptions fitting(std::optional<int> loaders, const Augmentation& augmentation = kAugmentation) {
  return {.epochs = 3, .batch_size = 32, .augment = augmentation, .loaders = loaders};
}

test::ByteVector bytes_of(const Trainer& trainer) {
  const test::TemporaryFolder folder;
  trainer.save(folder / "a");
  return test::read_bytes(folder / "a");
}

test::ByteVector trained(const FitOptions& options) {
  Trainer run = small_trainer();
  run.fit(small_data(), options);
  return bytes_of(run);
}

// Once, before step `step` + 1.
Callback once_after(std::int64_t step, std::function<void(Trainer&)> action) {
  Callback callback;
  callback.on_batch = [step, done = false, action = std::move(action)](
                          Trainer& trainer, const BatchEvent& event) mutable {
    if (done || event.step != step) return;
    done = true;
    action(trainer);
  };
  return callback;
}

TEST(AugmentedTraining, IsTheSameForAnyNumberOfLoaders) {
  const test::ByteVector expected = trained(fitting(0));
  for (const std::optional<int> loaders : {std::optional<int>(), {1}, {3}})
    EXPECT_EQ(trained(fitting(loaders)), expected) << loaders.value_or(-1);
  EXPECT_NE(trained(fitting(0, {})), expected);
}

TEST(AugmentedTraining, WithoutAugmentationLoadersChangeNothing) {
  const test::ByteVector expected = trained(fitting({}, {}));
  for (const int loaders : {0, 1, 3}) EXPECT_EQ(trained(fitting(loaders, {})), expected) << loaders;
}

TEST(AugmentedTraining, ResumedInMidEpochIsAsIfUninterrupted) {
  const test::ByteVector expected = trained(fitting(1));
  const test::TemporaryFolder folder;
  {
    Trainer run = small_trainer();
    std::stop_source stop;
    FitOptions options = fitting(3);
    options.stop = stop.get_token();
    options.callbacks = {once_after(13, [&](Trainer& trainer) {
      trainer.save(folder / "mid");
      stop.request_stop();
    })};
    EXPECT_FALSE(run.fit(small_data(), options));
  }
  for (const int loaders : {0, 1, 3}) {
    Trainer run = small_trainer();
    run.restore(folder / "mid");
    EXPECT_TRUE(run.fit(small_data(), fitting(loaders)));
    EXPECT_EQ(bytes_of(run), expected) << loaders;
  }
}

TEST(AugmentedTraining, OfMicroBatchesIsTheSameForAnyNumberOfLoadersAndResumed) {
  const auto options = [](std::optional<int> loaders) {
    FitOptions result = fitting(loaders);
    result.batch_size = 16;
    result.accumulate = 2;
    return result;
  };
  const test::ByteVector expected = trained(options(0));
  EXPECT_EQ(trained(options(3)), expected);
  const test::TemporaryFolder folder;
  Trainer run = small_trainer();
  FitOptions saving = options(1);
  saving.callbacks = {once_after(13, [&](Trainer& trainer) { trainer.save(folder / "mid"); })};
  run.fit(small_data(), saving);
  EXPECT_EQ(bytes_of(run), expected);
  Trainer resumed = small_trainer();
  resumed.restore(folder / "mid");
  resumed.fit(small_data(), options(1));
  EXPECT_EQ(bytes_of(resumed), expected);
}

TEST(AugmentedTraining, ACallbackMayGoBackToAnEarlierStep) {
  const test::ByteVector expected = trained(fitting(0));
  for (const int loaders : {0, 2}) {
    const test::TemporaryFolder folder;
    Trainer run = small_trainer();
    FitOptions options = fitting(loaders);
    options.callbacks = {once_after(4, [&](Trainer& trainer) { trainer.save(folder / "4"); }),
                         once_after(17, [&](Trainer& trainer) { trainer.restore(folder / "4"); })};
    run.fit(small_data(), options);
    EXPECT_EQ(bytes_of(run), expected) << loaders;
  }
}

TEST(AugmentedTraining, EvaluationSeesImagesAsTheyAre) {
  Trainer run = small_trainer();
  const Dataset data = small_data();
  run.fit(data, {.epochs = 1, .batch_size = 32});
  const double plain = run.evaluate(data).loss;
  double within = 0;
  FitOptions options = {.epochs = 1, .batch_size = 32, .augment = {.cutout = 28}};
  Trainer other = small_trainer();
  options.callbacks = {once_after(1, [&](Trainer& trainer) {
    const test::TemporaryFolder folder;
    run.save(folder / "a");
    trainer.restore(folder / "a");
    within = trainer.evaluate(data).loss;
  })};
  other.fit(data, options);
  EXPECT_EQ(within, plain);
}

TEST(AugmentedTraining, LeavesTheDataAsTheyAre) {
  const Dataset data = small_data();
  const std::vector<std::uint8_t> before(data.images().begin(), data.images().end());
  Trainer run = small_trainer();
  run.fit(data, fitting(2));
  EXPECT_TRUE(std::equal(before.begin(), before.end(), data.images().begin()));
}

TEST(AugmentedTraining, ThatMakesNoSenseIsRefusedBeforeTheFirstStep) {
  Trainer run = small_trainer();
  const auto refusal = [&](const FitOptions& options) -> std::string {
    try {
      run.fit(small_data(), options);
    } catch (const InvalidArgument& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(fitting(1, {.cutout = 29})), HasSubstr("[augment.cutout]"));
  EXPECT_THAT(refusal(fitting(0, {.rotate = -3})), HasSubstr("[augment.rotate]"));
  EXPECT_THAT(refusal(fitting(-2)), HasSubstr("[loaders]"));
  EXPECT_EQ(run.completed_steps(), 0);
  EXPECT_EQ(refusal(fitting(1)), "accepted");
}

}  // namespace
}  // namespace evenkeel
