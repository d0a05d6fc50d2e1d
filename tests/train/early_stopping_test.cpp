// SPDX-License-Identifier: Apache-2.0
// Runs that end once they no longer get better.
#include "evenkeel/train/early_stopping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::HasSubstr;

// After how many of the losses it is time to end; 0: never.
int end_of(const EarlyStoppingOptions& options, const std::vector<double>& values) {
  EarlyStopping stopping(options);
  int count = 0;
  for (const double value : values) {
    ++count;
    const bool loss = options.metric == Metric::loss;
    if (stopping.update({.loss = loss ? value : 0, .accuracy = loss ? 0 : value}, count))
      return count;
  }
  return 0;
}

TEST(EarlyStopping, EndsAfterSoManyInARowThatAreNoBetter) {
  EXPECT_EQ(end_of({.patience = 1}, {3, 2, 1, 1}), 4);
  EXPECT_EQ(end_of({.patience = 1}, {3, 2, 1, 0.5}), 0);
  EXPECT_EQ(end_of({.patience = 2}, {3, 4, 2, 3, 1, 2, 2, 0}), 7);
  EXPECT_EQ(end_of({.patience = 3}, {1, 2, 2, 0.9, 2, 2, 0.8}), 0);
  EXPECT_EQ(end_of({.metric = Metric::accuracy, .patience = 2}, {0.1, 0.5, 0.4, 0.5, 0.9}), 4);
}

TEST(EarlyStopping, CountsAnImprovementThatIsLargeEnough) {
  EXPECT_EQ(end_of({.patience = 2, .min_delta = 0.5}, {3, 2.6, 2.5, 2.4}), 3);
  EXPECT_EQ(end_of({.patience = 2, .min_delta = 0.5}, {3, 2.6, 2.4, 1.9, 1.8}), 0);
  EXPECT_EQ(end_of({.metric = Metric::accuracy, .patience = 1, .min_delta = 0.25}, {0.5, 0.75}), 2);
}

TEST(EarlyStopping, WhatIsNotFiniteIsNoImprovement) {
  EXPECT_EQ(end_of({.patience = 2}, {NAN, 1, NAN, INFINITY}), 4);
  EXPECT_EQ(end_of({.patience = 2}, {NAN, NAN}), 2);
  EXPECT_EQ(end_of({.patience = 2}, {INFINITY, 5, 6}), 0);
}

TEST(EarlyStopping, RemembersByItsNote) {
  EarlyStopping first({.patience = 3});
  EarlyStopping fresh({.patience = 3});
  fresh.restore(first.note());
  EXPECT_FALSE(fresh.best().has_value());
  for (const double loss : {1.0, 0.1 + 0.2, 2.0, 3.0})
    first.update({.loss = loss}, first.bad() + 7);
  EarlyStopping second({.patience = 3});
  first.update({.loss = 4}, 30);
  second.restore(first.note());
  EXPECT_EQ(second.note(), first.note());
  EXPECT_EQ(second.best(), first.best());
  EXPECT_EQ(second.step(), 30);
  EXPECT_EQ(second.stops(), first.stops());
  // An evaluation that was taken in already changes nothing.
  EXPECT_EQ(second.update({.loss = 0}, 30), first.stops());
  EXPECT_EQ(second.note(), first.note());
}

TEST(EarlyStopping, SaysWhatMakesNoSense) {
  const auto refusal = [](const EarlyStoppingOptions& options) {
    return message_of([&] { EarlyStopping{options}; });
  };
  EXPECT_EQ(refusal({.patience = 0}),
            "[early stopping] expected a patience of at least 1 evaluation, got 0");
  EXPECT_THAT(refusal({.min_delta = -1}), HasSubstr("min_delta of at least 0"));
  EXPECT_THAT(refusal({.min_delta = NAN}), HasSubstr("min_delta of at least 0"));
  for (const char* note : {"", "{}", "7", R"({"bad":-1,"best":null,"step":null})",
                           R"({"bad":0,"best":[],"step":null})"}) {
    EarlyStopping stopping;
    EXPECT_THROW(stopping.restore(note), DataError) << note;
  }
}

Callback stopping() { return early_stopping(mislabelled_data(), {.patience = 2}); }

TEST(EarlyStoppingOfAFit, EndsItBehindTheCallbacksOfItsMoment) {
  Trainer trainer = small_trainer();
  std::vector<double> losses;
  int ends = 0;
  const Callback look{.on_epoch =
                          [&](Trainer& run, const BatchEvent&) {
                            losses.push_back(run.evaluate(mislabelled_data()).loss);
                          },
                      .on_end = [&](Trainer&) { ++ends; }};
  const FitOptions options{.epochs = 30, .batch_size = 32, .callbacks = {stopping(), look}};
  EXPECT_FALSE(trainer.fit(small_data(), options));
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(static_cast<int>(losses.size()), end_of({.patience = 2}, losses));
  EXPECT_LT(losses.size(), 30U);
  EXPECT_EQ(trainer.completed_steps(), static_cast<std::int64_t>(losses.size()) * 10);
  // It has ended for good.
  EXPECT_FALSE(trainer.fit(small_data(), options));
  EXPECT_EQ(trainer.completed_steps(), static_cast<std::int64_t>(losses.size()) * 10);
  EXPECT_EQ(ends, 2);
}

TEST(EarlyStoppingOfAFit, AResumedRunEndsAtTheSameStep) {
  const TemporaryFolder folder;
  Trainer whole = small_trainer();
  const FitOptions options{.epochs = 30, .batch_size = 32, .callbacks = {stopping()}};
  EXPECT_FALSE(whole.fit(small_data(), options));
  const std::int64_t end = whole.completed_steps();
  ASSERT_GT(end, 20);
  whole.save(folder / "whole");
  for (const bool before : {true, false}) {
    for (const std::int64_t cut : {end - 20, end - 10, end - 3, end}) {
      const Callback saving{.on_batch = [&](Trainer& run, const BatchEvent& event) {
        if (event.step != cut) return;
        run.save(folder / "part");
        run.request_stop();
      }};
      Trainer first = small_trainer();
      std::vector<Callback> callbacks = {saving, stopping()};
      if (before) std::swap(callbacks[0], callbacks[1]);
      EXPECT_FALSE(first.fit(small_data(),
                             {.epochs = 30, .batch_size = 32, .callbacks = std::move(callbacks)}));
      Trainer second = small_trainer();
      second.restore(folder / "part");
      EXPECT_FALSE(second.fit(small_data(), options));
      EXPECT_EQ(second.completed_steps(), end) << cut << before;
      second.save(folder / "resumed");
      EXPECT_EQ(read_bytes(folder / "resumed"), read_bytes(folder / "whole")) << cut << before;
    }
  }
}

TEST(EarlyStoppingOfAFit, ACallbackKeepsNothingOfAnotherTrainersRun) {
  const Callback shared = early_stopping(mislabelled_data(), {.patience = 2});
  const FitOptions options{.epochs = 30, .batch_size = 32, .callbacks = {shared}};
  Trainer first = small_trainer();
  Trainer second = small_trainer();
  EXPECT_FALSE(first.fit(small_data(), options));
  EXPECT_FALSE(second.fit(small_data(), options));
  EXPECT_EQ(second.completed_steps(), first.completed_steps());
}

TEST(RequestStop, EndsTheFitThatIsUnderWayAndNoLaterOne) {
  Trainer trainer = small_trainer();
  trainer.request_stop();
  const Callback stop{.on_batch = [](Trainer& run, const BatchEvent& event) {
    if (event.step == 3) run.request_stop();
  }};
  EXPECT_FALSE(trainer.fit(small_data(), {.epochs = 1, .batch_size = 32, .callbacks = {stop}}));
  EXPECT_EQ(trainer.completed_steps(), 3);
  EXPECT_TRUE(trainer.fit(small_data(), {.epochs = 1, .batch_size = 32, .callbacks = {stop}}));
  EXPECT_EQ(trainer.completed_steps(), 10);
}

TEST(RequestStop, BeforeTheFirstStepLeavesTheStateAlone) {
  Trainer trainer = small_trainer();
  std::vector<std::int64_t> places;
  const Callback stop{.on_begin = [&](Trainer& run, const BatchEvent& event) {
    places = {event.step, event.epoch, event.batch, event.batches, event.epochs};
    run.request_stop();
  }};
  EXPECT_FALSE(trainer.fit(small_data(), {.epochs = 2, .batch_size = 32, .callbacks = {stop}}));
  EXPECT_EQ(trainer.completed_steps(), 0);
  EXPECT_EQ(places, (std::vector<std::int64_t>{0, 0, 0, 10, 2}));
  trainer.fit(small_data(), {.epochs = 1, .batch_size = 32});
  trainer.fit(small_data(), {.epochs = 2, .batch_size = 32, .callbacks = {stop}});
  EXPECT_EQ(places, (std::vector<std::int64_t>{10, 1, 10, 10, 2}));
}

}  // namespace
}  // namespace evenkeel::test
