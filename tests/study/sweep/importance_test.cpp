// SPDX-License-Identifier: Apache-2.0
// Shares of variance on data whose shares are known.
#include "evenkeel/study/sweep/importance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evenkeel/base/random.h"

namespace evenkeel::sweep {
namespace {

constexpr double kDiverged = std::numeric_limits<double>::quiet_NaN();

const std::vector<Parameter> kTwo = {{"a", {"0", "1"}}, {"b", {"0", "1"}}};

double share(const Importance& importance, const std::string& key) {
  for (const ParameterImportance& each : importance.parameters)
    if (each.key == key) return each.share;
  ADD_FAILURE() << key;
  return 0;
}

// Every a with every b, score of both.
template <typename Score>
std::vector<Observation> square(Score score, int seeds = 1) {
  std::vector<Observation> all;
  for (int seed = 0; seed < seeds; ++seed)
    for (int a = 0; a < 2; ++a)
      for (int b = 0; b < 2; ++b)
        all.push_back({{std::to_string(a), std::to_string(b)}, score(a, b, seed)});
  return all;
}

TEST(SweepImportance, MainEffectsOfAGridAreExact) {
  // Variances of 3 a and 4 b are 9/4 and 16/4.
  const Importance importance =
      importance_of(kTwo, square([](int a, int b, int) { return 3.0 * a + 4.0 * b; }));
  EXPECT_EQ(importance.method, ImportanceMethod::factorial);
  EXPECT_NEAR(share(importance, "a"), 9.0 / 25, 1e-12);
  EXPECT_NEAR(share(importance, "b"), 16.0 / 25, 1e-12);
  EXPECT_NEAR(importance.interactions, 0, 1e-12);
  EXPECT_NEAR(importance.seeds, 0, 1e-12);
  EXPECT_EQ(importance.parameters.front().key, "b");
}

TEST(SweepImportance, WhatOnlyBothMakeIsInteraction) {
  const Importance importance =
      importance_of(kTwo, square([](int a, int b, int) { return a == b ? 1.0 : 0.0; }));
  EXPECT_NEAR(share(importance, "a"), 0, 1e-12);
  EXPECT_NEAR(importance.interactions, 1, 1e-12);
}

TEST(SweepImportance, WhatSeedsMakeIsTheirs) {
  // Variance of 2 a is 1, that of the seeds' +-1 too.
  const Importance importance = importance_of(
      kTwo, square([](int a, int, int seed) { return 2.0 * a + (seed == 0 ? 1 : -1); }, 2));
  EXPECT_NEAR(share(importance, "a"), 0.5, 1e-12);
  EXPECT_NEAR(importance.seeds, 0.5, 1e-12);
  EXPECT_NEAR(importance.interactions, 0, 1e-12);
}

TEST(SweepImportance, DivergenceCountsAsTheWorst) {
  const auto with = [](double diverged) {
    return importance_of(
        kTwo, square([&](int a, int b, int) { return a == 1 ? diverged : 0.9 + 0.01 * b; }));
  };
  const Importance importance = with(kDiverged);
  EXPECT_NEAR(share(importance, "a"), share(with(0.9), "a"), 1e-12);
  EXPECT_GT(share(importance, "a"), 0);
}

TEST(SweepImportance, AGridWithHolesIsJudgedOneByOne) {
  auto all = square([](int a, int b, int) { return a + 0.1 * b; }, 3);
  all.pop_back();
  const Importance importance = importance_of(kTwo, all);
  EXPECT_EQ(importance.method, ImportanceMethod::binned);
  EXPECT_GT(share(importance, "a"), 0.9);
  EXPECT_LT(share(importance, "b"), 0.1);
}

TEST(SweepImportance, FindsWhatMattersAmongDraws) {
  const std::vector<Parameter> parameters = {
      {"noise", {}, Range{0, 1}}, {"signal", {}, Range{0, 1}}, {"word", {"x", "y"}}};
  const Random random(5, Purpose::test, 0);
  std::vector<Observation> all;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const double signal = random.uniform(3 * i);
    all.push_back({{std::to_string(random.uniform(3 * i + 1)), std::to_string(signal),
                    i % 2 == 0 ? "x" : "y"},
                   signal + 0.1 * random.normal(1000 + i)});
  }
  const Importance importance = importance_of(parameters, all);
  EXPECT_EQ(importance.method, ImportanceMethod::binned);
  EXPECT_EQ(importance.parameters.front().key, "signal");
  EXPECT_GT(share(importance, "signal"), 0.7);
  EXPECT_LT(share(importance, "noise"), 0.15);  // as many bins explain some of it by chance
  EXPECT_LT(share(importance, "word"), 0.1);
}

TEST(SweepImportance, ValuesThatAreAllDifferentExplainNothing) {
  const Importance importance = importance_of({{"w", {"x", "y", "z"}}, {"v", {"p", "q", "r"}}},
                                              {{{"x", "p"}, 1}, {{"y", "q"}, 2}, {{"z", "r"}, 3}});
  EXPECT_EQ(importance.method, ImportanceMethod::binned);
  EXPECT_EQ(share(importance, "w"), 0);
}

TEST(SweepImportance, DrawsFromARangeAreNoGrid) {
  const std::vector<Parameter> rate = {{"a", {}, Range{0, 1}}};
  std::vector<Observation> all;
  for (int i = 0; i < 20; ++i) all.push_back({{std::to_string(i / 20.0)}, i % 2 == 0 ? 1.0 : 0.0});
  const Importance importance = importance_of(rate, all);
  EXPECT_EQ(importance.method, ImportanceMethod::binned);
  EXPECT_LT(share(importance, "a"), 0.1);
}

TEST(SweepImportance, OneParameterAloneHasNone) {
  const std::vector<Parameter> one = {{"a", {"0", "1", "2"}}};
  EXPECT_FALSE(importance_of(one, {{{"0"}, 1}, {{"1"}, 2}, {{"2"}, 3}}).nothing.empty());
  // With seeds it has.
  EXPECT_TRUE(importance_of(one, {{{"0"}, 1}, {{"0"}, 2}, {{"1"}, 2}, {{"1"}, 3}}).nothing.empty());
}

TEST(SweepImportance, SaysWhereThereIsNone) {
  EXPECT_FALSE(importance_of(kTwo, {}).nothing.empty());
  EXPECT_FALSE(importance_of(kTwo, square([](int, int, int) { return 0.5; })).nothing.empty());
  EXPECT_FALSE(
      importance_of(kTwo, square([](int a, int b, int) { return a + b == 0 ? 1.0 : kDiverged; }))
          .nothing.empty());
}

}  // namespace
}  // namespace evenkeel::sweep
