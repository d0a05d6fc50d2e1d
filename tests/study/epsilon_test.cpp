// SPDX-License-Identifier: Apache-2.0
// Epsilon larger than the variance: before training by a batch, then by the moving variances.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/model/networks.h"
#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

// Images of 0..255 times the factor; batch norm behind the activation.
Model faint_model(double factor, double epsilon = 1e-3) {
  return Sequential("faint", image(28, 28, 1).scale(factor))
      .avg_pool2d(2)
      .conv2d(6, 3, {.stride = 2, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm({.epsilon = epsilon, .decay = Decay::keep(0.9)})
      .dense(10)
      .build();
}

TEST(Epsilon, AboveTheVariancesOfABatchIsFoundBeforeTraining) {
  const Patient patient = patient_of(faint_model(1e-4));
  const Finding finding = found(examine(patient, with_data()), "epsilon-exceeds-variance");
  EXPECT_EQ(finding.severity, Severity::warning);
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_EQ(finding.numbers.at("channels"), 54);
  EXPECT_EQ(finding.numbers.at("share_below"), 1);
  EXPECT_EQ(finding.numbers.at("epsilon"), 1e-3);
  const double median = finding.numbers.at("variance_50");
  EXPECT_GT(median, 0);
  EXPECT_LE(finding.numbers.at("variance_10"), median);
  EXPECT_GE(finding.numbers.at("variance_90"), median);
  EXPECT_NEAR(finding.numbers.at("signal_left"), std::sqrt(median / (median + 1e-3)), 1e-12);
  EXPECT_NE(finding.fix.find("before the activation of conv1"), std::string::npos) << finding.fix;
  EXPECT_FALSE(has(examine(patient), "epsilon-exceeds-variance")) << "it needs data";
}

TEST(Epsilon, TheBetterOneThatIsNamedIsBetter) {
  const auto numbers =
      found(examine(patient_of(faint_model(1e-4)), with_data()), "epsilon-exceeds-variance")
          .numbers;
  const double better = numbers.at("better_epsilon");
  EXPECT_LT(better, 1e-3);
  EXPECT_LT(numbers.at("share_below_better"), numbers.at("share_below"));
  const double median = numbers.at("variance_50");
  EXPECT_GE(std::sqrt(median / (median + better)), 0.9);
  EXPECT_LT(std::sqrt(median / (median + 10 * better)), 0.9) << "ten times as large would do";
  const auto then = examine(patient_of(faint_model(1e-4, better)), with_data());
  EXPECT_FALSE(has(then, "epsilon-exceeds-variance"));
}

TEST(Epsilon, IsHeldAgainstTheMovingVariancesOnceTheyAreTheDatas) {
  Patient patient = healthy_patient();
  fill(patient, "bn1/moving_variance", 1e-6F);
  const Finding finding = found(examine(patient), "epsilon-exceeds-variance");
  EXPECT_NE(finding.evidence.find("moving variances"), std::string::npos) << finding.evidence;
  EXPECT_NEAR(finding.numbers.at("variance_50"), 1e-6, 1e-10);
}

// A quarter of the channels below it is not worth a word.
TEST(Epsilon, BelowMostVariancesIsFine) {
  Patient patient = healthy_patient();
  const auto variances = patient.state.at("bn2/moving_variance").values<float>();
  for (std::size_t c = 0; c < 4; ++c) variances[c] = 1e-7F;
  EXPECT_FALSE(has(examine(patient), "epsilon-exceeds-variance"));
  variances[4] = 1e-7F;
  EXPECT_TRUE(has(examine(patient), "epsilon-exceeds-variance"));
}

// The network of the TensorFlow program, as it was written.
TEST(Epsilon, OfTheReferenceNetworkIsTooLarge) {
  const Finding finding =
      found(examine(patient_of(network("mnist-cnn")), with_data()), "epsilon-exceeds-variance");
  EXPECT_EQ(finding.numbers.at("channels"), 3136);
  EXPECT_NE(finding.fix.find("before the activation of conv2"), std::string::npos) << finding.fix;
}

}  // namespace
}  // namespace evenkeel::test
