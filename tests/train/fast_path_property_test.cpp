// SPDX-License-Identifier: Apache-2.0
// What holds of training holds where a step takes every fast kernel: tiles, spectra, fused
// poolings, on odd maps and filters, with a shorter last slice.
#include <cmath>
#include <map>

#include "evenkeel/train/trainer.h"
#include "tests/support/property.h"
#include "tests/train/fast_path_network.h"

namespace evenkeel::test {
namespace {

FastPathShape drawn_by_rapidcheck() {
  FastPathShape z;
  z.H = *rc::gen::element<std::int64_t>(15, 19).as("H");
  z.W = *rc::gen::element<std::int64_t>(15, 19).as("W");
  z.C = *rc::gen::inRange<std::int64_t>(1, 4).as("C");
  z.filters = {*rc::gen::element<std::int64_t>(27, 29, 31).as("filters 1"),
               *rc::gen::element<std::int64_t>(27, 29, 31).as("filters 2"),
               *rc::gen::element<std::int64_t>(35, 37, 41).as("filters 3")};
  z.batch = *rc::gen::inRange<std::int64_t>(12, 24).as("batch");
  return z;
}

struct FastTraining {
  std::string missing;  // a fast kernel that the plan did without
  std::vector<double> losses;
  std::map<std::string, Tensor> state;
  double later_loss = 0;
};

// Two steps, the second of which begins with what is left of the first epoch.
FastTraining train_fast(const FastPathShape& z, const Dataset& data, int threads) {
  Trainer trainer(fast_path_model(z), softmax_cross_entropy(), Adam{.learning_rate = 1e-3},
                  {.seed = 1, .threads = threads, .kernels = "native"});
  FastTraining result;
  result.missing = missing_fast_kernel(trainer.plan(z.batch));
  const Callback watch{
      .on_batch = [&](Trainer&, const BatchEvent& event) { result.losses.push_back(event.loss); }};
  trainer.fit(data, {.epochs = 2, .batch_size = z.batch, .callbacks = {watch}});
  for (const std::string& name : trainer.state_names()) result.state[name] = trainer.state(name);
  result.later_loss = trainer.evaluate(data).loss;
  return result;
}

TEST(FastPath, TrainsToTheSameBytesOnOneToSevenThreads) {
  check_property(5, [] {
    const FastPathShape z = drawn_by_rapidcheck();
    Draw draw(*rc::gen::inRange<std::uint64_t>(0, 1000).as("stream of the images"));
    const Dataset data = noise_images({z.H, z.W, z.C}, z.batch + 3, 10, draw);
    const FastTraining one = train_fast(z, data, 1);
    if (!one.missing.empty()) RC_FAIL("no step calls " + one.missing);
    RC_ASSERT(one.losses.size() >= 2U);
    RC_ASSERT(std::isfinite(one.later_loss));
    for (int threads = 2; threads <= 7; ++threads) {
      const FastTraining other = train_fast(z, data, threads);
      RC_ASSERT(other.losses == one.losses);
      for (const auto& [name, tensor] : one.state)
        if (!(other.state.at(name) == tensor))
          RC_FAIL(name + " differs at " + std::to_string(threads) + " threads");
      RC_ASSERT(other.later_loss == one.later_loss);
    }
  });
}

// Batch norm behind tiles and behind spectra, on channels with mean `offset` and a deviation of
// a few.
Model far_from_zero(double offset) {
  const auto conv = [&](Sequential& model, std::int64_t filters, std::int64_t kernel,
                        double deviation) {
    model.conv2d(filters, kernel,
                 {.padding = Padding::same,
                  .kernel = InitialValue::truncated_normal(deviation),
                  .bias_value = InitialValue::constant(offset)});
    model.batch_norm();
  };
  Sequential model("far", image(15, 15, 1).scale(1 / 255.0));
  model.conv2d(29, 3, {.padding = Padding::same, .bias = false}).batch_norm().relu();
  conv(model, 31, 3, 0.5);
  model.relu().max_pool2d(2);
  conv(model, 41, 5, 0.3);
  return model.relu().flatten().dense(10).build();
}

// A bias does not change what batch norm gives: with one of a million the variance is the same, but
// for the values' own rounding to 1/16 (1e-5 of it, and 1e-3 where that meets the values by
// chance). As E[x^2] - E[x]^2 in f32 it would be wrong by 1e5.
TEST(FastPath, LearnsTheVarianceOfChannelsAMillionAwayFromZero) {
  SCOPED_TRACE("repeat with EVENKEEL_TEST_SEED=" + std::to_string(test_seed()));
  constexpr std::int64_t kImages = 17;
  Draw draw(3);
  const Dataset data = noise_images({15, 15, 1}, kImages, 10, draw);
  const auto trained = [&](double offset, double& loss) {
    Trainer trainer(far_from_zero(offset), softmax_cross_entropy(), Adam{},
                    {.seed = 1, .threads = 2});
    EXPECT_EQ(missing_fast_kernel(trainer.plan(kImages)), "");
    const Callback watch{.on_batch = [&](Trainer&, const BatchEvent& event) { loss = event.loss; }};
    trainer.fit(data, {.epochs = 1, .batch_size = kImages, .callbacks = {watch}});
    return trainer;
  };
  double near_loss = 0;
  double far_loss = 0;
  const Trainer near = trained(0, near_loss);
  const Trainer far = trained(1e6, far_loss);
  EXPECT_NEAR(far_loss, near_loss, 0.02 * near_loss);
  for (const std::string layer : {"bn2", "bn3"}) {
    const Tensor variance = near.state(layer + "/moving_variance");
    const Tensor far_variance = far.state(layer + "/moving_variance");
    const Tensor mean = near.state(layer + "/moving_mean");
    const Tensor far_mean = far.state(layer + "/moving_mean");
    for (std::size_t c = 0; c < variance.values<float>().size(); ++c) {
      const double exact = variance.values<float>()[c];
      EXPECT_GT(exact, 1) << layer << " channel " << c;
      EXPECT_NEAR(far_variance.values<float>()[c], exact, 0.01 * exact)
          << layer << " channel " << c;
      EXPECT_NEAR(far_mean.values<float>()[c] - 1e6, mean.values<float>()[c], 0.125)
          << layer << " channel " << c;
    }
  }
}

}  // namespace
}  // namespace evenkeel::test
