// SPDX-License-Identifier: Apache-2.0
// Dead and constant channels, and gamma near 0.
#include <gtest/gtest.h>

#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

Model biased_model(double bias) {
  return Sequential("biased", image(28, 28, 1).scale(1 / 255.0))
      .avg_pool2d(2)
      .conv2d(6, 3,
              {.stride = 2,
               .activation = Activation::relu,
               .name = "stem",
               .bias_value = InitialValue::constant(bias)})
      .batch_norm(healthy_norm())
      .flatten()
      .dense(10)
      .build();
}

TEST(DeadChannels, AreThoseThatAReluKeepsAtZeroForEveryImage) {
  const auto findings = examine(patient_of(biased_model(-100)), with_data());
  const Finding dead = found(findings, "dead-channels");
  EXPECT_EQ(dead.layer, "stem");
  EXPECT_EQ(dead.numbers.at("dead"), 6);
  EXPECT_EQ(dead.numbers.at("images"), 128);
  const Finding constant = found(findings, "constant-channels");
  EXPECT_EQ(constant.severity, Severity::warning);
  EXPECT_EQ(constant.layer, "bn1");
  EXPECT_EQ(constant.numbers.at("constant"), 6);
}

TEST(DeadChannels, AreNotThoseThatSomeImageOpens) {
  const auto findings = examine(patient_of(biased_model(0.5)), with_data());
  EXPECT_FALSE(has(findings, "dead-channels"));
  EXPECT_FALSE(has(findings, "constant-channels"));
}

TEST(DeadChannels, AreToldFromGammaAndBetaWithoutData) {
  Patient patient = healthy_patient();
  patient.state.at("bn1/beta").values<float>()[2] =
      -4.5F * std::abs(patient.state.at("bn1/gamma").values<float>()[2]);
  const Finding finding = found(examine(patient), "dead-channels");
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_EQ(finding.numbers.at("dead"), 1);
  patient.state.at("bn1/beta").values<float>()[2] = -1;
  EXPECT_FALSE(has(examine(patient), "dead-channels"));
}

TEST(ConstantChannels, AreToldByTheMovingVarianceWithoutData) {
  Patient patient = healthy_patient();
  patient.state.at("bn2/moving_variance").values<float>()[7] = 0;
  const Finding finding = found(examine(patient), "constant-channels");
  EXPECT_EQ(finding.severity, Severity::info) << "one of sixteen";
  EXPECT_EQ(finding.numbers.at("constant"), 1);
  patient.state.at("bn2/moving_variance").values<float>()[7] = 1e-9F;
  EXPECT_FALSE(has(examine(patient), "constant-channels"));
}

TEST(Gamma, NearZeroEverywhereIsFoundOnceItWasTrained) {
  Patient patient = healthy_patient();
  fill(patient, "bn1/gamma", -1e-3F);
  const Finding finding = found(examine(patient), "gamma-near-zero");
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_NEAR(finding.numbers.at("median"), 1e-3, 1e-9);
  patient.state.at("bn1/gamma").values<float>()[0] = 1;  // not everywhere: 5 of 6
  EXPECT_FALSE(has(examine(patient), "gamma-near-zero"));

  Patient before = patient_of(healthy_model());
  fill(before, "bn1/gamma", 0);  // how some networks begin their shortcuts' blocks
  EXPECT_FALSE(has(examine(before), "gamma-near-zero"));
}

}  // namespace
}  // namespace evenkeel::test
