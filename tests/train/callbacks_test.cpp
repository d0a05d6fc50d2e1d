// SPDX-License-Identifier: Apache-2.0
// When fit() calls what, and how it is stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using test::small_data;
using test::small_trainer;
using ::testing::ElementsAre;

Callback noting(const std::string& name, std::vector<std::string>& calls) {
  return {[&calls, name](Trainer&, const BatchEvent& event) {
            calls.push_back(name + " batch " + std::to_string(event.step));
          },
          [&calls, name](Trainer&, const BatchEvent& event) {
            calls.push_back(name + " epoch " + std::to_string(event.epoch));
          },
          [&calls, name](Trainer& trainer) {
            calls.push_back(name + " end " + std::to_string(trainer.completed_steps()));
          }};
}

TEST(Callbacks, OfOneMomentAreCalledInTheirOrder) {
  std::vector<std::string> calls;
  Trainer trainer = small_trainer();
  trainer.fit(
      small_data(),
      {.epochs = 2, .batch_size = 160, .callbacks = {noting("a", calls), {}, noting("b", calls)}});
  EXPECT_THAT(calls, ElementsAre("a batch 1", "b batch 1", "a batch 2", "b batch 2", "a epoch 1",
                                 "b epoch 1", "a batch 3", "b batch 3", "a batch 4", "b batch 4",
                                 "a epoch 2", "b epoch 2", "a end 4", "b end 4"));
}

TEST(Callbacks, TheEndIsCalledWithoutAStepAndWhenStoppedButNotForAnError) {
  std::vector<std::string> calls;
  Trainer trainer = small_trainer();
  trainer.fit(small_data(), {.epochs = 0, .batch_size = 32, .callbacks = {noting("none", calls)}});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(trainer.fit(small_data(), {.epochs = 1,
                                          .batch_size = 32,
                                          .callbacks = {noting("stopped", calls)},
                                          .stop = stop.get_token()}));
  Callback failing{.on_batch = [](Trainer&, const BatchEvent&) {
    throw std::runtime_error("of the caller's own");
  }};
  EXPECT_THROW(
      trainer.fit(small_data(),
                  {.epochs = 1, .batch_size = 32, .callbacks = {failing, noting("failed", calls)}}),
      std::runtime_error);
  EXPECT_THAT(calls, ElementsAre("none end 0", "stopped end 0"));
  EXPECT_EQ(trainer.completed_steps(), 1);
  EXPECT_TRUE(trainer.fit(small_data(), {.epochs = 1, .batch_size = 32}));
}

TEST(Callbacks, AStopFromAnotherThreadEndsFitBetweenTwoSteps) {
  std::stop_source stop;
  std::atomic<int> batches = 0;
  Callback count{.on_batch = [&](Trainer&, const BatchEvent&) {
    ++batches;
    batches.notify_one();
  }};
  Trainer trainer = small_trainer();
  std::thread other([&] {
    batches.wait(0);
    stop.request_stop();
  });
  EXPECT_FALSE(trainer.fit(
      small_data(),
      {.epochs = 1'000'000, .batch_size = 32, .callbacks = {count}, .stop = stop.get_token()}));
  other.join();
  EXPECT_GE(trainer.completed_steps(), 1);
  EXPECT_EQ(trainer.completed_steps(), batches);

  // What it did until then is what as many steps do.
  const std::int64_t steps = trainer.completed_steps();
  std::stop_source at_that_step;
  Callback stop_there{.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step == steps) at_that_step.request_stop();
  }};
  Trainer same = small_trainer();
  same.fit(small_data(), {.epochs = 1'000'000,
                          .batch_size = 32,
                          .callbacks = {stop_there},
                          .stop = at_that_step.get_token()});
  EXPECT_EQ(same.state("dense1/kernel").bytes, trainer.state("dense1/kernel").bytes);
}

}  // namespace
}  // namespace evenkeel
