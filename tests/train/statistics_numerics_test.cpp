// SPDX-License-Identifier: Apache-2.0
// Batch norm far from zero, near the ends of f32's range and beyond: in training as a whole.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <optional>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/ops.h"
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

std::map<std::string, Tensor> numeric_state(const Trainer& trainer) {
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

// One batch norm of x [N,..,C] in training and in inference, as they are compiled.
class OneBatchNorm {
 public:
  OneBatchNorm(const Shape& x, const BatchNorm& layer, int threads)
      : threads_(threads),
        network_(network(x, layer)),
        state_(to_training(network_), 1),
        training_(plan(to_training(network_), Level::training, x[0]), state_) {}

  void train(const Tensor& x) { run(training_, x); }
  void infer(const Tensor& x) {
    inference_.emplace(plan(to_inference(network_), Level::inference, x.shape[0]), state_);
    run(*inference_, x);
  }
  std::span<const float> trained() const { return training_.output_as<float>("y"); }
  std::span<const float> inferred() const { return inference_->output_as<float>("y"); }
  Tensor state(const std::string& name) const { return state_.get(name); }

 private:
  static Graph network(const Shape& x, const BatchNorm& layer) {
    Graph graph("one");
    std::vector<std::int64_t> dims = {kBatch};
    for (std::size_t i = 1; i < x.rank(); ++i) dims.push_back(x[i]);
    const Value input = graph.add(Input{{DType::f32, Shape(dims)}}, {}, "x");
    graph.output("y", ops::batch_norm(graph, input, layer, "bn"));
    return graph;
  }
  std::shared_ptr<const Plan> plan(const Graph& graph, Level level, std::int64_t batch) const {
    return compile_graph(graph, level, {batch, Machine{threads_}, {}});
  }
  static void run(Executor& executor, const Tensor& x) {
    std::copy(x.bytes.begin(), x.bytes.end(), executor.input("x").begin());
    ASSERT_TRUE(executor.run().ok());
  }

  int threads_;
  Graph network_;
  StateStore state_;
  Executor training_;
  std::optional<Executor> inference_;
};

// Mean and population variance of each channel in f64.
struct ExactStatistics {
  std::vector<double> mean, variance;
  explicit ExactStatistics(const Tensor& x)
      : mean(static_cast<std::size_t>(x.shape.back())), variance(mean.size()) {
    const auto values = x.values<float>();
    const double n = static_cast<double>(values.size()) / static_cast<double>(mean.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      mean[i % mean.size()] += static_cast<double>(values[i]) / n;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double d = values[i] - mean[i % mean.size()];
      variance[i % mean.size()] += d * d / n;
    }
  }
};

// Rows; images of few channels, whose statistics are those of each sample merged; and of many.
Shape drawn_shape(Draw& draw) {
  switch (draw.integer(0, 2)) {
    case 0:
      return {draw.integer(20, 700), draw.integer(1, 40)};
    case 1:
      return {draw.integer(2, 40), draw.integer(5, 9), draw.integer(5, 9), draw.integer(1, 8)};
    default:
      return {draw.integer(2, 9), 5, 5, draw.integer(80, 130)};
  }
}

// f32 has 16 values between 1e6 and 1e6 + 1; the moving mean is one of them.
TEST(StatisticsNumerics, OfAMillionPlusMinusOneAreThoseOfF64OverTheSameInput) {
  for_random_cases(40, [](Draw& draw) {
    const Shape shape = drawn_shape(draw);
    SCOPED_TRACE(to_string(shape));
    Tensor x(DType::f32, shape);
    for (float& value : x.values<float>())
      value = static_cast<float>(draw.uniform(1e6 - 1, 1e6 + 1));
    OneBatchNorm layer(shape, {}, static_cast<int>(draw.integer(1, 3)));
    layer.train(x);
    layer.infer(x);
    const ExactStatistics exact(x);
    const std::size_t C = exact.mean.size();
    const Tensor moving_mean = layer.state("bn/moving_mean");
    const Tensor moving_variance = layer.state("bn/moving_variance");
    for (std::size_t c = 0; c < C; ++c) {
      ASSERT_NEAR(moving_mean.values<float>()[c], exact.mean[c], 0x1p-5 + 1e-5);
      ASSERT_NEAR(moving_variance.values<float>()[c], exact.variance[c],
                  3e-6 * exact.variance[c] + 1e-9);
    }
    for (std::size_t i = 0; i < x.values<float>().size(); ++i) {
      const std::size_t c = i % C;
      const double inverse = 1 / std::sqrt(exact.variance[c] + 1e-3);
      const double value = x.values<float>()[i];
      ASSERT_NEAR(layer.trained()[i], (value - exact.mean[c]) * inverse, 1e-5);
      // By the mean as it is stored, and no worse.
      ASSERT_NEAR(layer.inferred()[i],
                  (value - static_cast<double>(moving_mean.values<float>()[c])) * inverse, 1e-5);
    }
  });
}

// Groups' and samples' means are merged; rounded to f32 before that, they would be the variance.
TEST(StatisticsNumerics, OfVariantsOfAMillionPlusMinusOneAreThoseOfF64) {
  const std::vector<BatchRule> rules = {GhostRule{4}, GhostRule{4, Grouping::interleaved},
                                        GhostRule{4, Grouping::consecutive, GhostStatistics::mean},
                                        RenormRule{}};
  for (const BatchRule& rule : rules)
    for_random_cases(5, [&](Draw& draw) {
      const Shape shape = {4 * draw.integer(1, 9), 5, 5, draw.integer(1, 8)};
      Tensor x(DType::f32, shape);
      for (float& value : x.values<float>())
        value = static_cast<float>(draw.uniform(1e6 - 1, 1e6 + 1));
      BatchNorm op;
      op.batch = rule;
      OneBatchNorm layer(shape, op, 2);
      layer.train(x);
      const ExactStatistics exact(x);
      const Tensor variance = layer.state("bn/moving_variance");
      const auto* ghost = std::get_if<GhostRule>(&rule);
      // The mean of the groups' variances is less by the spread of their means, of 100 values each.
      const bool of_groups = ghost != nullptr && ghost->statistics == GhostStatistics::mean;
      for (std::size_t c = 0; c < exact.mean.size(); ++c)
        ASSERT_NEAR(variance.values<float>()[c], exact.variance[c],
                    (of_groups ? 0.1 : 3e-6) * exact.variance[c]);
    });
}

TEST(StatisticsNumerics, RecalibratedOverAMillionPlusMinusOneAreThoseOfF64) {
  // 1e6 and 1.005e6.
  Trainer run(Sequential("million", image(6, 6, 1).scale(1e6 / 200))
                  .batch_norm()
                  .flatten()
                  .dense(3)
                  .build(),
              softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 2});
  const Dataset data =
      images(96, 6, 6, [](std::int64_t n, std::int64_t i) { return 200 + (n * 7 + i * 5) % 2; });
  run.fit(data, {.epochs = 1, .batch_size = 32});
  const Recalibration exact = run.recalibrate(data, {.batch_size = 32});
  std::vector<float> pixels;
  for (std::int64_t n = 0; n < 96; ++n)
    for (std::int64_t i = 0; i < 36; ++i)
      pixels.push_back(static_cast<float>(200 + (n * 7 + i * 5) % 2) *
                       static_cast<float>(1e6 / 200));
  const ExactStatistics of(Tensor::of<float>({96 * 36, 1}, pixels));
  EXPECT_NEAR(exact.layers.at(0).mean.at(0), of.mean[0], 1e-9 * of.mean[0]);
  EXPECT_NEAR(exact.layers.at(0).variance.at(0), of.variance[0], 1e-6 * of.variance[0]);
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
  const auto before = numeric_state(run);
  const auto text = message_of([&] { run.fit(data, {.epochs = 1, .batch_size = 32}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[bn1]"), HasSubstr("channel 6 "), HasSubstr("inf"),
                          HasSubstr("e+2"), HasSubstr("state is as before")));
  EXPECT_EQ(numeric_state(run) == before, true);
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
    const auto before = numeric_state(run);
    const auto fit = [&] { run.fit(data, {.epochs = 1, .batch_size = 16}); };
    EXPECT_THAT(message_of(fit), AllOf(HasSubstr("[bn1]"), HasSubstr("channel 0 ")));
    EXPECT_THAT(message_of([&] { run.recalibrate(data); }),
                AllOf(HasSubstr("[bn1]"), HasSubstr("channel 0 ")));
    EXPECT_EQ(numeric_state(run) == before, true);
  }
}

TEST(StatisticsNumerics, AWeightThatIsNaNNamesItsTensorAndPlace) {
  Trainer run = small_trainer();
  Tensor kernel = run.state("dense1/kernel");
  kernel.values<float>()[21] = std::numeric_limits<float>::quiet_NaN();
  run.set_state("dense1/kernel", kernel);
  const auto before = numeric_state(run);
  const auto text = message_of([&] { run.fit(small_data(), {.batch_size = 32}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[dense1]"), HasSubstr("'dense1/kernel' has nan at 21")));
  EXPECT_EQ(run.completed_steps(), 0);
  EXPECT_EQ(run.state("bn1/moving_mean"), before.at("bn1/moving_mean"));
}

TEST(StatisticsNumerics, OfOneValueOrNoneAreRefusedBeforeAnythingIsWritten) {
  Trainer run = small_trainer();
  const auto before = numeric_state(run);
  const auto text = message_of([&] { run.fit(small_data(), {.batch_size = 1}); });
  EXPECT_THAT(text, AllOf(HasSubstr("[bn1]"), HasSubstr("at least 2 values per channel")));
  EXPECT_THROW(run.fit(small_data(), {.batch_size = 1}), InvalidArgument);
  EXPECT_THROW(run.fit(Dataset(), {.batch_size = 32}), InvalidArgument);
  EXPECT_THROW(run.fit(small_data().subset(0, 0), {.batch_size = 32}), InvalidArgument);
  EXPECT_THROW(run.evaluate(Dataset()), InvalidArgument);
  EXPECT_EQ(numeric_state(run) == before, true);
}

}  // namespace
}  // namespace evenkeel::test
