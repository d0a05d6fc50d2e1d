// SPDX-License-Identifier: Apache-2.0
// Batch norm far from zero, near the ends of f32's range and beyond: in training as a whole.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/model/scope.h"
#include "evenkeel/runtime/executor.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::map<std::string, Tensor> state_of(const Trainer& trainer) {
  std::map<std::string, Tensor> state;
  for (const std::string& name : trainer.state_names()) state[name] = trainer.state(name);
  return state;
}

// Images of H x W x 1, pixel i of image n as `pixel(n, i)` says.
template <typename Pixel>
Dataset images(std::int64_t count, std::int64_t H, std::int64_t W, Pixel pixel) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t i = 0; i < H * W; ++i)
      pixels.push_back(static_cast<std::uint8_t>(pixel(n, i)));
    labels.push_back(static_cast<std::int32_t>(n % 3));
  }
  return Dataset("drawn", Tensor::of<std::uint8_t>({count, H, W, 1}, pixels), labels, 3);
}

// Batch norm with a channel for each of 4 x 4 places, of pixels times `scale`.
Trainer by_place(double scale) {
  return Trainer(
      Sequential("places", image(4, 4, 1).scale(scale)).flatten().batch_norm().dense(3).build(),
      softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 2});
}

// One batch norm of x [N,C] in training, as it is compiled.
class OneBatchNorm {
 public:
  OneBatchNorm(std::int64_t N, std::int64_t C)
      : state_(graph(C), 1), executor_(plan(N, C), state_) {}

  void run(const Tensor& x) {
    std::copy(x.bytes.begin(), x.bytes.end(), executor_.input("x").begin());
    ASSERT_TRUE(executor_.run().ok());
  }
  std::span<const float> y() const { return executor_.output_as<float>("y"); }
  Tensor state(const std::string& name) const { return state_.get(name); }

 private:
  static Graph graph(std::int64_t C) {
    Graph graph("one");
    const Value x = graph.add(Input{{DType::f32, {kBatch, C}}}, {}, "x");
    const auto add = [&](const char* name, Initializer initial, Role role) {
      return graph.add(State{{DType::f32, {C}}, role, initial, 0}, {}, name);
    };
    const Value gamma = add("bn/gamma", Initializer::ones, Role::gamma);
    const Value beta = add("bn/beta", Initializer::zeros, Role::beta);
    const Value mean = add("bn/moving_mean", Initializer::zeros, Role::statistic);
    const Value variance = add("bn/moving_variance", Initializer::ones, Role::statistic);
    const Value seen =
        graph.add(State{{DType::i64, {}}, Role::statistic}, {}, "state/bn/updates_seen");
    graph.output("y", graph.add(BatchNorm{}, {x, gamma, beta, mean, variance, seen}, "bn"));
    return to_training(graph);
  }
  static std::shared_ptr<const Plan> plan(std::int64_t N, std::int64_t C) {
    return compile_graph(graph(C), Level::training, {N, Machine{2}, {}});
  }

  StateStore state_;
  Executor executor_;
};

// f32 has 16 values between 1e6 and 1e6 + 1. y differs by half a step of x, the mean's rounding.
TEST(StatisticsNumerics, OfAMillionPlusMinusOneAreThoseOfF64OverTheSameInput) {
  for_random_cases(20, [](Draw& draw) {
    const std::int64_t N = draw.integer(20, 700);
    const std::int64_t C = draw.integer(1, 40);
    Tensor x(DType::f32, {N, C});
    for (float& value : x.values<float>())
      value = static_cast<float>(draw.uniform(1e6 - 1, 1e6 + 1));
    OneBatchNorm layer(N, C);
    layer.run(x);
    const auto n = static_cast<double>(N);
    for (std::int64_t c = 0; c < C; ++c) {
      const auto at = [&](std::int64_t row) {
        return static_cast<double>(x.values<float>()[static_cast<std::size_t>(row * C + c)]);
      };
      double mean = 0;
      double variance = 0;
      for (std::int64_t i = 0; i < N; ++i) mean += at(i) / n;
      for (std::int64_t i = 0; i < N; ++i) variance += (at(i) - mean) * (at(i) - mean) / n;
      const auto channel = static_cast<std::size_t>(c);
      const double moving_mean = layer.state("bn/moving_mean").values<float>()[channel];
      const double moving_variance = layer.state("bn/moving_variance").values<float>()[channel];
      ASSERT_NEAR(moving_mean, mean, 1e6 * 0x1p-24);
      ASSERT_NEAR(moving_variance, variance, 1e-5 * variance);
      const double inverse = 1 / std::sqrt(variance + 1e-3);
      for (std::int64_t i = 0; i < N; ++i)
        ASSERT_NEAR(layer.y()[static_cast<std::size_t>(i * C + c)], (at(i) - mean) * inverse,
                    (0.5 * 0x1p-4 + 1e-5) * inverse);
    }
  });
}

TEST(StatisticsNumerics, OfConstantChannelsAreExactUpToTenToTheThirty) {
  for (const double scale : {1e30 / 255, 1e-30, 0.1}) {
    Trainer run = by_place(scale);
    run.fit(images(64, 4, 4, [](auto, auto) { return 255; }), {.epochs = 1, .batch_size = 32});
    const float x = 255.0F * static_cast<float>(scale);
    for (const double mean : to_doubles(run.state("bn1/moving_mean"))) ASSERT_EQ(mean, x);
    for (const double variance : to_doubles(run.state("bn1/moving_variance")))
      ASSERT_EQ(variance, 0);
  }
}

TEST(StatisticsNumerics, OfValuesUpToTenToTheEighteenTrainAndPredict) {
  Trainer run = by_place(1e18 / 255);
  const Dataset data =
      images(256, 4, 4, [](std::int64_t n, std::int64_t i) { return (n * 37 + i * 11) % 256; });
  run.fit(data, {.epochs = 3, .batch_size = 128});
  const Recalibration exact = run.recalibrate(data);
  for (const double variance : exact.layers.at(0).variance) {
    EXPECT_GT(variance, 1e34);
    EXPECT_LT(variance, 1e36);
  }
  EXPECT_TRUE(std::isfinite(run.evaluate(data).loss));
}

TEST(StatisticsNumerics, OfLargerValuesAreAnErrorThatNamesTheChannelAndLeavesTheState) {
  Trainer run = by_place(1e25 / 255);
  const Dataset data =
      images(64, 4, 4, [](std::int64_t n, std::int64_t i) { return i == 6 ? (n * 37) % 256 : 0; });
  const auto before = state_of(run);
  const auto text = message_of([&] { run.fit(data, {.epochs = 1, .batch_size = 32}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[bn1]"), HasSubstr("channel 6 "), HasSubstr("inf"),
                          HasSubstr("e+2"), HasSubstr("state is as before")));
  EXPECT_EQ(state_of(run) == before, true);
  EXPECT_EQ(run.completed_steps(), 0);
  EXPECT_THROW(run.fit(data, {.epochs = 1, .batch_size = 32}), RuntimeFailure);
}

// Constant within a block of rows, so that M2 is finite in f64: the variance is too large for f32.
TEST(StatisticsNumerics, OfAVarianceThatF32CannotHoldIsThatErrorToo) {
  const std::map<std::string, BatchNormOptions> kinds = {
      {"population", {}},
      {"sample", {.variance = MovingVariance::sample}},
      {"cumulative", {.decay = Cumulative{}}},
      {"ghost", {.batch = Ghost{.size = 8}}},
      {"ghost in turn", {.batch = Ghost{.size = 8, .statistics = GhostStatistics::in_turn}}},
      {"renorm", {.batch = Renorm{}}},
      {"renorm by deviation", {.batch = Renorm{.moves = RenormMoves::deviation}}}};
  for (const auto& [kind, options] : kinds) {
    SCOPED_TRACE(kind);
    Trainer run(Sequential("images", image(16, 16, 1).scale(1e24 / 255))
                    .batch_norm(options)
                    .flatten()
                    .dense(3)
                    .build(),
                softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 2});
    const Dataset data =
        images(32, 16, 16, [](std::int64_t n, std::int64_t) { return n % 2 * 255; });
    const auto before = state_of(run);
    const auto fit = [&] { run.fit(data, {.epochs = 1, .batch_size = 16}); };
    EXPECT_THAT(message_of(fit), AllOf(HasSubstr("[bn1]"), HasSubstr("channel 0 ")));
    EXPECT_THAT(message_of([&] { run.recalibrate(data); }),
                AllOf(HasSubstr("[bn1]"), HasSubstr("channel 0 ")));
    EXPECT_EQ(state_of(run) == before, true);
  }
}

TEST(StatisticsNumerics, AWeightThatIsNaNNamesItsTensorAndPlace) {
  Trainer run = small_trainer();
  Tensor kernel = run.state("dense1/kernel");
  kernel.values<float>()[21] = std::numeric_limits<float>::quiet_NaN();
  run.set_state("dense1/kernel", kernel);
  const auto before = state_of(run);
  const auto text = message_of([&] { run.fit(small_data(), {.batch_size = 32}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[dense1]"), HasSubstr("'dense1/kernel' has nan at 21")));
  EXPECT_EQ(run.completed_steps(), 0);
  EXPECT_EQ(run.state("bn1/moving_mean"), before.at("bn1/moving_mean"));
}

TEST(StatisticsNumerics, OfOneValueOrNoneAreRefusedBeforeAnythingIsWritten) {
  Trainer run = small_trainer();
  const auto before = state_of(run);
  const auto text = message_of([&] { run.fit(small_data(), {.batch_size = 1}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[bn1]"), HasSubstr("at least 2 values per channel")));
  EXPECT_THROW(run.fit(small_data(), {.batch_size = 1}), InvalidArgument);
  EXPECT_THROW(run.fit(Dataset(), {.batch_size = 32}), InvalidArgument);
  EXPECT_THROW(run.fit(small_data().subset(0, 0), {.batch_size = 32}), InvalidArgument);
  EXPECT_THROW(run.evaluate(Dataset()), InvalidArgument);
  EXPECT_EQ(state_of(run) == before, true);
}

}  // namespace
}  // namespace evenkeel::test
