// SPDX-License-Identifier: Apache-2.0
// Decay::keep(d) and Decay::take(1 - d) are one rule.
#include "evenkeel/model/layers.h"
#include "tests/support/batch_norm_run.h"
#include "tests/support/compare.h"
#include "tests/train/property_network.h"

namespace evenkeel::test {
namespace {

constexpr int kUpdates = 12;
const Shape kShape = {6, 2, 3};

using NamedStatistics = std::map<std::string, Tensor>;

NamedStatistics after_training(const Decay& decay, bool count_weighted, Engine engine) {
  const BatchNormOptions options{.decay = decay, .count_weighted = count_weighted, .name = kLayer};
  BatchNormRun run([=](Scope& s, Value x) { return layers::batch_norm(options)(s, x); }, kShape, {},
                   engine);
  NamedStatistics last;
  for (int t = 1; t <= kUpdates; ++t) last = run.step(t);
  return last;
}

// 1 - d is exact.
TEST(DecayProperty, KeepAndTakeGiveTheSameBytes) {
  check_property(40, [] {
    const double d = *rc::gen::inRange(1, 1024).as("1024ths kept") / 1024.0;
    const bool count_weighted = *rc::gen::arbitrary<bool>().as("count-weighted");
    const auto engine = *rc::gen::element(Engine::interpreter_f64, Engine::plan_f32);
    const NamedStatistics kept = after_training(Decay::keep(d), count_weighted, engine);
    RC_ASSERT(kept == after_training(Decay::take(1 - d), count_weighted, engine));
  });
}

TEST(DecayProperty, KeepAndTakeDifferByTheRoundingOfOneMinusDAtMost) {
  check_property(40, [] {
    const double d = *rc::gen::inRange(1, 1000000).as("millionths kept") / 1e6;
    const bool count_weighted = *rc::gen::arbitrary<bool>().as("count-weighted");
    const Engine engine = Engine::interpreter_f64;
    const NamedStatistics kept = after_training(Decay::keep(d), count_weighted, engine);
    const NamedStatistics taken = after_training(Decay::take(1 - d), count_weighted, engine);
    for (const char* name : {"moving_mean", "moving_variance"})
      require(close(taken.at(name), kept.at(name), kUpdates * 0x1p-52, 4), name);
  });
}

// A larger share kept is a statistic nearer to where it began: 0 and 1, plain rule.
TEST(DecayProperty, KeepingMoreMovesLess) {
  check_property(20, [] {
    const auto less = *rc::gen::inRange(1, 999).as("thousandths kept");
    const auto more = *rc::gen::inRange(less + 1, 1000).as("more thousandths kept");
    const auto moved = [](int thousandths) {
      BatchNormRun run(
          [=](Scope& s, Value x) {
            const BatchNormOptions options{.decay = Decay::keep(thousandths / 1000.0),
                                           .count_weighted = false,
                                           .name = kLayer};
            return layers::batch_norm(options)(s, x);
          },
          kShape, {}, Engine::interpreter_f64);
      return std::abs(to_doubles(run.step(1).at("moving_variance"))[0] - 1);
    };
    RC_ASSERT(moved(more) < moved(less));
  });
}

}  // namespace
}  // namespace evenkeel::test
