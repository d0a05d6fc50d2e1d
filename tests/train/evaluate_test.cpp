// SPDX-License-Identifier: Apache-2.0
// Callbacks that look at the same evaluation.
#include "evenkeel/train/evaluate.h"

#include <gtest/gtest.h>

#include <vector>

#include "evenkeel/train/early_stopping.h"
#include "evenkeel/train/plateau.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

// Counts how often it is asked.
Evaluate counting(int& evaluations) {
  return [&evaluations, look = evaluate_on(mislabelled_data())](Trainer& trainer) {
    ++evaluations;
    return look(trainer);
  };
}

// One that only looks, as the command's loop does, and all that follow an evaluation.
std::vector<Callback> watchers(const Evaluate& look, std::vector<double>& losses) {
  return {
      {.on_epoch = [&losses, look](Trainer& trainer,
                                   const BatchEvent&) { losses.push_back(look(trainer).loss); }},
      reduce_on_plateau(look, {.factor = 0.5, .patience = 1}),
      early_stopping(look, {.patience = 3})};
}

TEST(OnceAStep, AllThatWatchARunShareOneEvaluationAnEpoch) {
  Trainer trainer = small_trainer();
  int evaluations = 0;
  std::vector<double> losses;
  const Evaluate look = once_a_step(counting(evaluations));
  trainer.fit(small_data(), {.epochs = 30, .batch_size = 32, .callbacks = watchers(look, losses)});
  EXPECT_GT(losses.size(), 3U);
  EXPECT_EQ(evaluations, static_cast<int>(losses.size()));
}

TEST(OnceAStep, TheRunIsTheSameAsWithAnEvaluationEach) {
  const TemporaryFolder folder;
  std::vector<double> shared_losses;
  std::vector<double> losses;
  int evaluations = 0;
  Trainer shared = small_trainer();
  shared.fit(small_data(),
             {.epochs = 30,
              .batch_size = 32,
              .callbacks = watchers(once_a_step(counting(evaluations)), shared_losses)});
  shared.save(folder / "shared");
  evaluations = 0;
  Trainer each = small_trainer();
  each.fit(small_data(),
           {.epochs = 30, .batch_size = 32, .callbacks = watchers(counting(evaluations), losses)});
  each.save(folder / "each");
  EXPECT_EQ(evaluations, 3 * static_cast<int>(losses.size()));
  EXPECT_EQ(shared_losses, losses);
  EXPECT_EQ(read_bytes(folder / "shared"), read_bytes(folder / "each"));
}

TEST(OnceAStep, AResumedRunLooksOnceAtTheEpochThatItGoesOnBehind) {
  const TemporaryFolder folder;
  {
    Trainer trainer = small_trainer();
    trainer.fit(small_data(), {.epochs = 1, .batch_size = 32});
    trainer.save(folder / "ten");
  }
  Trainer trainer = small_trainer();
  trainer.restore(folder / "ten");
  int evaluations = 0;
  std::vector<double> losses;
  const Evaluate look = once_a_step(counting(evaluations));
  trainer.fit(small_data(), {.epochs = 2, .batch_size = 32, .callbacks = watchers(look, losses)});
  EXPECT_EQ(losses.size(), 1U);
  EXPECT_EQ(evaluations, 2);
}

TEST(OnceAStep, ANewStepIsANewEvaluation) {
  Trainer trainer = small_trainer();
  int evaluations = 0;
  const Evaluate look = once_a_step(counting(evaluations));
  std::vector<double> losses;
  trainer.fit(small_data(), {.epochs = 1,
                             .batch_size = 32,
                             .callbacks = {{.on_batch = [&](Trainer& run, const BatchEvent&) {
                               losses.push_back(look(run).loss);
                               EXPECT_EQ(losses.back(), run.evaluate(mislabelled_data()).loss);
                             }}}});
  EXPECT_EQ(evaluations, 10);
  EXPECT_NE(losses.front(), losses.back());
}

}  // namespace
}  // namespace evenkeel::test
