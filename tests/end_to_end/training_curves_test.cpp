// SPDX-License-Identifier: Apache-2.0
// Training with the fast kernels goes as training with strict ones does: seeds differ more than
// roundings do. Some strict convolutions are direct sums, which oneDNN alone does quickly.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "evenkeel/compile/plan.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/train/trainer.h"
#include "tests/end_to_end/real_data.h"

#if EVENKEEL_HAS_ONEDNN

namespace evenkeel::test {
namespace {

constexpr std::int64_t kCurveBatch = 32;
constexpr std::int64_t kCurveSteps = 160;
constexpr std::int64_t kCurveWindow = 20;
constexpr double kCurveRate = 1e-3;
constexpr std::array<std::uint64_t, 3> kCurveSeeds = {1, 2, 3};

// By seed, then by window of kCurveWindow steps: the logarithm of the mean loss, so that windows of
// large and of small losses weigh alike.
using Curves = std::vector<std::vector<double>>;

// ResNet-8: 3 x 3 convolutions on maps of 28, 14 and 7, which Math::fast alone computes by tiles of
// 4 x 4. Networks of 5 x 5 kernels, as mnist-99, have one plan for both.
Trainer curve_trainer(Math math, double rate, std::uint64_t seed) {
  return Trainer(network("resnet20", image(28, 28, 1).scale(1 / 255.0), 10, {.depth = 1}),
                 softmax_cross_entropy(), Adam{.learning_rate = rate},
                 {.seed = seed, .threads = 2, .math = math});
}

std::vector<double> curve(Math math, double rate, std::uint64_t seed, std::int64_t steps) {
  Trainer trainer = curve_trainer(math, rate, seed);
  std::vector<double> result;
  double sum = 0;
  const Callback watch{.on_batch = [&](Trainer& running, const BatchEvent& event) {
    sum += event.loss;
    if (event.step == steps) running.request_stop();
    if (event.step % kCurveWindow != 0) return;
    result.push_back(std::log(sum / kCurveWindow));
    sum = 0;
  }};
  trainer.fit(real_data().splits.train.subset(0, kCurveSteps * kCurveBatch),
              {.epochs = 1, .batch_size = kCurveBatch, .callbacks = {watch}});
  return result;
}

Curves curves(const std::string& name, Math math, double rate, std::int64_t steps) {
  Curves result;
  for (const std::uint64_t seed : kCurveSeeds) {
    result.push_back(curve(math, rate, seed, steps));
    std::cout << name << ", seed " << seed << ":" << std::fixed << std::setprecision(3);
    for (const double value : result.back()) std::cout << " " << std::exp(value);
    std::cout << std::defaultfloat << std::endl;
  }
  return result;
}

double mean_in(const Curves& of, std::size_t window) {
  double sum = 0;
  for (const auto& seed : of) sum += seed[window];
  return sum / static_cast<double>(of.size());
}

struct LossRange {
  double low = 0;
  double high = 0;
};
LossRange range_in(const Curves& of, std::size_t window) {
  LossRange range = {of[0][window], of[0][window]};
  for (const auto& seed : of)
    range = {std::min(range.low, seed[window]), std::max(range.high, seed[window])};
  return range;
}

// The seeds' own spread: how far apart the lowest and the highest are, in the mean over windows,
// since three seeds may happen to meet in one.
double spread_of(const Curves& of) {
  double sum = 0;
  for (std::size_t window = 0; window < of[0].size(); ++window) {
    const LossRange range = range_in(of, window);
    sum += range.high - range.low;
  }
  return sum / static_cast<double>(of[0].size());
}

// The statistic: in which windows the mean over `of`'s seeds is outside of the band from the lowest
// to the highest of `band`'s, widened by their spread.
std::vector<std::size_t> windows_outside(const Curves& of, const Curves& band) {
  std::vector<std::size_t> result;
  const double spread = spread_of(band);
  for (std::size_t window = 0; window < of[0].size(); ++window) {
    const LossRange range = range_in(band, window);
    const double mean = mean_in(of, window);
    if (!(mean >= range.low - spread && mean <= range.high + spread)) result.push_back(window);
  }
  return result;
}

std::int64_t tiled_convolutions(Math math) {
  Trainer trainer = curve_trainer(math, kCurveRate, 1);
  std::int64_t count = 0;
  for (const Phase& phase : trainer.plan(kCurveBatch).run)
    count += std::count_if(phase.steps.begin(), phase.steps.end(), [](const Step& step) {
      return step.kernel == "native/winograd_conv2d";
    });
  return count;
}

TEST(SlowTrainingCurves, OfStrictAndFastMathLieInOneAnothersBand) {
  ASSERT_GT(tiled_convolutions(Math::fast), tiled_convolutions(Math::strict));
  RecordProperty("data", real_data().name);
  const Curves strict = curves("strict", Math::strict, kCurveRate, kCurveSteps);
  const Curves fast = curves("fast", Math::fast, kCurveRate, kCurveSteps);
  ASSERT_EQ(strict[0].size(), static_cast<std::size_t>(kCurveSteps / kCurveWindow));
  EXPECT_NE(fast, strict);
  std::cout << "spread of the seeds' logarithms: strict " << spread_of(strict) << ", fast "
            << spread_of(fast) << std::endl;
  EXPECT_EQ(windows_outside(fast, strict), std::vector<std::size_t>{});
  EXPECT_EQ(windows_outside(strict, fast), std::vector<std::size_t>{});
  EXPECT_LT(mean_in(fast, fast[0].size() - 1), mean_in(fast, 0) + std::log(0.5));

  // The band can be left: by training at a quarter of the rate it is.
  const Curves slower =
      curves("fast, a quarter of the rate", Math::fast, kCurveRate / 4, kCurveSteps / 2);
  EXPECT_NE(windows_outside(slower, strict), std::vector<std::size_t>{});
}

}  // namespace
}  // namespace evenkeel::test

#endif  // EVENKEEL_HAS_ONEDNN
