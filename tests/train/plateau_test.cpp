// SPDX-License-Identifier: Apache-2.0
// The rate that falls where a run no longer gets better, against PyTorch 2.15's ReduceLROnPlateau.
#include "evenkeel/train/plateau.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/train/save_every.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

std::vector<double> rates(const PlateauOptions& options, const std::vector<double>& values) {
  Plateau plateau(options);
  double rate = 0.1;
  std::vector<double> result;
  for (const double value : values) {
    const bool loss = options.metric == Metric::loss;
    rate = plateau.update({.loss = loss ? value : 0, .accuracy = loss ? 0 : value},
                          static_cast<std::int64_t>(result.size()) + 1, rate);
    result.push_back(rate);
  }
  return result;
}

const std::vector<double> kLosses = {1.0,  0.9,  0.8999999, 0.95,   0.91,     0.85, 0.85, 0.86,
                                     0.87, 0.9,  0.88,      0.8499, 0.84995,  0.7,  0.71, 0.72,
                                     0.73, 0.74, 0.75,      0.76,   0.77,     0.78, 0.79, 0.8,
                                     0.81, 0.82, NAN,       0.83,   INFINITY, 0.84};

// `rate` as often as `times` says, one after the other.
std::vector<double> repeated(const std::vector<std::pair<double, int>>& times) {
  std::vector<double> result;
  for (const auto& [rate, count] : times) result.insert(result.end(), count, rate);
  return result;
}

TEST(Plateau, LowersTheRateWherePytorchDoes) {
  EXPECT_THAT(rates({.patience = 2}, kLosses),
              ElementsAreArray(repeated({{0.1, 4},
                                         {0.010000000000000002, 4},
                                         {0.0010000000000000002, 8},
                                         {0.00010000000000000003, 3},
                                         {1.0000000000000004e-05, 3},
                                         {1.0000000000000004e-06, 3},
                                         {1.0000000000000005e-07, 3},
                                         {1.0000000000000005e-08, 2}})));
  EXPECT_THAT(rates({.factor = 0.5, .patience = 2, .cooldown = 2}, kLosses),
              ElementsAreArray(repeated(
                  {{0.1, 4}, {0.05, 5}, {0.025, 7}, {0.0125, 5}, {0.00625, 5}, {0.003125, 4}})));
  EXPECT_THAT(rates({.patience = 1, .min_delta = 0.05}, kLosses),
              ElementsAreArray(repeated({{0.1, 3},
                                         {0.010000000000000002, 4},
                                         {0.0010000000000000002, 2},
                                         {0.00010000000000000003, 2},
                                         {1.0000000000000004e-05, 4},
                                         {1.0000000000000004e-06, 2},
                                         {1.0000000000000005e-07, 2},
                                         {1.0000000000000005e-08, 11}})));
}

TEST(Plateau, StopsAtTheLowestRateAndAtChangesTooSmallToMatter) {
  EXPECT_THAT(rates({.patience = 0, .min_rate = 1e-3}, kLosses),
              ElementsAreArray(
                  repeated({{0.1, 2}, {0.010000000000000002, 1}, {0.0010000000000000002, 27}})));
  EXPECT_THAT(rates({.patience = 0}, kLosses),
              ElementsAreArray(repeated({{0.1, 2},
                                         {0.010000000000000002, 1},
                                         {0.0010000000000000002, 1},
                                         {0.00010000000000000003, 2},
                                         {1.0000000000000004e-05, 1},
                                         {1.0000000000000004e-06, 1},
                                         {1.0000000000000005e-07, 1},
                                         {1.0000000000000005e-08, 21}})));
}

TEST(Plateau, OfTheAccuracyWantsMore) {
  EXPECT_THAT(
      rates({.metric = Metric::accuracy, .factor = 0.5, .patience = 1, .cooldown = 1},
            {0.1, 0.5, 0.50004, 0.49, 0.5, 0.52, 0.52, 0.51, 0.6, 0.59, 0.58, 0.57, 0.56, 0.7}),
      ElementsAreArray(repeated({{0.1, 3}, {0.05, 4}, {0.025, 3}, {0.0125, 4}})));
}

TEST(Plateau, TakesEachEvaluationInOnce) {
  Plateau plateau({.patience = 0});
  EXPECT_EQ(plateau.update({.loss = 1}, 10, 0.5), 0.5);
  EXPECT_EQ(plateau.update({.loss = 2}, 10, 0.5), 0.5);
  EXPECT_EQ(plateau.update({.loss = 2}, 20, 0.5), 0.05);
  EXPECT_EQ(plateau.update({.loss = 2}, 20, 0.05), 0.05);
  EXPECT_EQ(plateau.step(), 20);
  EXPECT_EQ(plateau.best(), 1);
}

TEST(Plateau, RemembersByItsNote) {
  const PlateauOptions options{.factor = 0.3, .patience = 1, .cooldown = 1};
  const std::vector<double> all = rates(options, kLosses);
  for (std::size_t cut = 0; cut <= kLosses.size(); ++cut) {
    Plateau first(options);
    double rate = 0.1;
    for (std::size_t i = 0; i < cut; ++i)
      rate = first.update({.loss = kLosses[i]}, static_cast<std::int64_t>(i) + 1, rate);
    Plateau second(options);
    second.restore(first.note());
    EXPECT_EQ(second.note(), first.note());
    rate = second.rate().value_or(0.1);
    for (std::size_t i = cut; i < kLosses.size(); ++i) {
      rate = second.update({.loss = kLosses[i]}, static_cast<std::int64_t>(i) + 1, rate);
      EXPECT_EQ(rate, all[i]) << cut << " " << i;
    }
  }
}

TEST(Plateau, SaysWhatMakesNoSense) {
  const auto refusal = [](const PlateauOptions& options) {
    return message_of([&] { Plateau{options}; });
  };
  EXPECT_THAT(refusal({.factor = 1}), HasSubstr("[plateau] expected a factor between 0 and 1"));
  EXPECT_THAT(refusal({.factor = NAN}), HasSubstr("factor"));
  EXPECT_THAT(refusal({.patience = -1}), HasSubstr("patience of at least 0"));
  EXPECT_THAT(refusal({.cooldown = -1}), HasSubstr("cooldown of at least 0"));
  EXPECT_THAT(refusal({.min_rate = -1}), HasSubstr("min_rate of at least 0"));
  EXPECT_THAT(refusal({.min_delta = INFINITY}), HasSubstr("min_delta of at least 0"));
  for (const char* note : {"", "{", "[]", R"({"bad":0})",
                           R"({"bad":-1,"best":null,"cooling":0,"rate":null,"step":null})",
                           R"({"bad":0,"best":"x","cooling":0,"rate":null,"step":null})",
                           R"({"bad":0,"best":null,"cooling":0,"rate":-2,"step":null})"}) {
    Plateau plateau;
    EXPECT_THROW(plateau.restore(note), DataError) << note;
  }
}

Callback lowering() {
  return reduce_on_plateau(mislabelled_data(), {.factor = 0.5, .patience = 1});
}

TEST(ReduceOnPlateau, LowersTheTrainersRateBetweenEpochs) {
  Trainer trainer = small_trainer();
  std::vector<double> used;
  std::vector<double> losses;
  const Callback look{.on_batch =
                          [&](Trainer&, const BatchEvent& event) {
                            if (event.batch == 1) used.push_back(event.learning_rate);
                          },
                      .on_epoch =
                          [&](Trainer& run, const BatchEvent&) {
                            losses.push_back(run.evaluate(mislabelled_data()).loss);
                          }};
  trainer.fit(small_data(), {.epochs = 12, .batch_size = 32, .callbacks = {look, lowering()}});
  Plateau plateau({.factor = 0.5, .patience = 1});
  double rate = 3e-3;
  std::vector<double> expected = {rate};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    rate = plateau.update({.loss = losses[i]}, static_cast<std::int64_t>(i) + 1, rate);
    expected.push_back(rate);
  }
  EXPECT_LT(rate, 3e-3);
  EXPECT_EQ(trainer.learning_rate(), rate);
  expected.pop_back();
  EXPECT_EQ(used, expected);
}

// Checkpoints by steps are written ahead of the callback's look at the epoch, or behind it.
TEST(ReduceOnPlateau, AResumedRunLowersAtTheSameSteps) {
  const TemporaryFolder folder;
  Trainer whole = small_trainer();
  whole.fit(small_data(), {.epochs = 8, .batch_size = 32, .callbacks = {lowering()}});
  whole.save(folder / "whole");
  for (const bool before : {true, false}) {
    for (const std::int64_t cut : {0, 17, 40, 50, 60}) {
      Trainer first = small_trainer();
      const Callback saving{.on_batch = [&](Trainer& run, const BatchEvent& event) {
        if (event.step != cut) return;
        run.save(folder / "part");
        run.request_stop();
      }};
      std::vector<Callback> callbacks = {saving, lowering()};
      if (before) std::swap(callbacks[0], callbacks[1]);
      if (cut == 0) first.save(folder / "part");
      if (cut > 0) {
        first.fit(small_data(), {.epochs = 8, .batch_size = 32, .callbacks = callbacks});
      }
      Trainer second = small_trainer();
      second.restore(folder / "part");
      second.fit(small_data(), {.epochs = 8, .batch_size = 32, .callbacks = {lowering()}});
      second.save(folder / "resumed");
      EXPECT_EQ(read_bytes(folder / "resumed"), read_bytes(folder / "whole")) << cut << before;
    }
  }
}

}  // namespace
}  // namespace evenkeel::test
