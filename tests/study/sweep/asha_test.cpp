// SPDX-License-Identifier: Apache-2.0
// Who goes on, decided on numbers alone.
#include "evenkeel/study/sweep/asha.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace evenkeel::sweep {
namespace {

using Trials = std::vector<AshaTrial>;

constexpr int kThird = 3;

AshaTrial done(std::vector<double> scores) { return {std::move(scores), false, false}; }
AshaTrial running(std::vector<double> scores = {}) { return {std::move(scores), true, false}; }
AshaTrial over(std::vector<double> scores = {}) { return {std::move(scores), false, true}; }

TEST(Asha, BeginsInOrder) {
  EXPECT_EQ(next_step(Trials(3), 3, kThird), (AshaStep{0, 0}));
  EXPECT_EQ(next_step({running(), {}, {}}, 3, kThird), (AshaStep{1, 0}));
  EXPECT_EQ(next_step({running(), over(), {}}, 3, kThird), (AshaStep{2, 0}));
}

TEST(Asha, PromotesTheBestThird) {
  // Of three that are through the best, before a fourth begins.
  EXPECT_EQ(next_step({done({0.5}), done({0.9}), done({0.7}), {}}, 3, kThird), (AshaStep{1, 1}));
  // Of two, nobody yet.
  EXPECT_EQ(next_step({done({0.5}), done({0.9}), {}, {}}, 3, kThird), (AshaStep{2, 0}));
  // Once the best has gone on, the next begins.
  EXPECT_EQ(next_step({done({0.5}), running({0.9}), done({0.7}), {}}, 3, kThird), (AshaStep{3, 0}));
  EXPECT_EQ(next_step({done({0.5}), done({0.9, 0.95}), done({0.7}), {}}, 3, kThird),
            (AshaStep{3, 0}));
}

TEST(Asha, PromotesTheHighestRungFirst) {
  const Trials trials = {done({0.9, 0.91}), done({0.8, 0.95}), done({0.7, 0.92}), done({0.6}),
                         done({0.5}),       done({0.4}),       done({0.3}),       done({0.2}),
                         done({0.1}),       done({0.65}),      done({0.05}),      done({0.04})};
  EXPECT_EQ(next_step(trials, 3, kThird), (AshaStep{1, 2}));
}

TEST(Asha, WaitsWhereNothingCanBeDecided) {
  EXPECT_EQ(next_step({running(), running()}, 3, kThird), std::nullopt);
  EXPECT_EQ(next_step({done({0.5}), running()}, 3, kThird), std::nullopt);
}

TEST(Asha, OfEqualsTheEarlierGoesOn) {
  EXPECT_EQ(next_step({done({0.5}), done({0.5}), done({0.5})}, 2, kThird), (AshaStep{0, 1}));
}

TEST(Asha, AFailureCountsAsTheWorstAndNeverGoesOn) {
  // The two that failed make the third of three.
  EXPECT_EQ(next_step({over(), over(), done({0.1}), {}}, 2, kThird), (AshaStep{2, 1}));
  EXPECT_EQ(next_step({over(), over(), over()}, 2, kThird), std::nullopt);
  // One that failed on its way up has had its place.
  EXPECT_EQ(next_step({over({0.9}), done({0.8}), done({0.7}), {}}, 3, kThird), (AshaStep{3, 0}));
}

TEST(Asha, AScoreThatIsNoNumberIsTheWorst) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(next_step({done({kNan}), done({-5}), done({-6})}, 2, kThird), (AshaStep{1, 1}));
}

TEST(Asha, BringsOneToTheEnd) {
  // Fewer than three: no third, but the best goes on all the same.
  EXPECT_EQ(next_step({done({0.5}), done({0.6})}, 3, kThird), (AshaStep{1, 1}));
  EXPECT_EQ(next_step({done({0.5}), done({0.6, 0.7})}, 3, kThird), (AshaStep{1, 2}));
  EXPECT_EQ(next_step({done({0.5}), done({0.6, 0.7, 0.8})}, 3, kThird), std::nullopt);
  // Where the best failed on its way, the next best.
  EXPECT_EQ(next_step({done({0.5}), over({0.6, 0.7})}, 3, kThird), (AshaStep{0, 1}));
}

TEST(Asha, OneRungIsAPlainSweep) {
  EXPECT_EQ(next_step({done({0.5}), {}}, 1, kThird), (AshaStep{1, 0}));
  EXPECT_EQ(next_step({done({0.5}), done({0.6})}, 1, kThird), std::nullopt);
  EXPECT_EQ(next_step({{}}, 0, kThird), std::nullopt);
}

// Two workers, scores that do not change from rung to rung: nine begin, three go on, one ends.
TEST(Asha, GivesTheHalvingOfTheAlgorithm) {
  Trials trials(9);
  std::vector<AshaStep> working;
  std::vector<int> made(3);
  const auto score = [](std::size_t trial) { return static_cast<double>((trial * 4) % 9); };
  for (int guard = 0; guard < 100; ++guard) {
    while (working.size() < 2) {
      const auto step = next_step(trials, 3, kThird);
      if (!step) break;
      EXPECT_EQ(trials[step->trial].scores.size(), step->rung);
      trials[step->trial].running = true;
      ++made[step->rung];
      working.push_back(*step);
    }
    if (working.empty()) break;
    AshaTrial& ended = trials[working.front().trial];
    ended.running = false;
    ended.scores.push_back(score(working.front().trial));
    working.erase(working.begin());
  }
  EXPECT_EQ(made[0], 9);
  EXPECT_GE(made[1], 3);  // asynchronous: some go on before better ones are known
  EXPECT_LE(made[1], 5);
  EXPECT_GE(made[2], 1);
  EXPECT_EQ(trials[2].scores.size(), 3U);  // 2 * 4 % 9 is the largest
}

}  // namespace
}  // namespace evenkeel::sweep
