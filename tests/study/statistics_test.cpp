// SPDX-License-Identifier: Apache-2.0
// Moving statistics that were never updated, weigh their initial value, follow too slowly, or are
// not those of the data.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

// The plain rule keeps `keep` from the first update on.
Model plain_model(double keep) {
  return Sequential("plain", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .dense(16, {.bias = false})
      .batch_norm({.epsilon = 1e-5, .decay = Decay::keep(keep), .count_weighted = false})
      .relu()
      .dense(10)
      .build();
}

Patient trained_patient(const Model& model, std::int64_t epochs) {
  Trainer trainer = trainer_for(model);
  trainer.fit(small_data(), {.epochs = epochs, .batch_size = 32});
  return patient_of(trainer);
}

TEST(NeverUpdated, IsJudgedByTheValuesWhateverTheCountSays) {
  Patient patient = healthy_patient();
  fill(patient, "bn1/moving_mean", 0);
  fill(patient, "bn1/moving_variance", 1);
  const Finding finding = found(examine(patient), "statistics-never-updated");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_EQ(finding.numbers.at("channels"), 6);
  EXPECT_EQ(finding.numbers.at("updates"), 100);
  patient.state.at("bn1/moving_mean").values<float>()[5] = 1e-20F;  // one channel has moved
  EXPECT_FALSE(has(examine(patient), "statistics-never-updated"));
}

TEST(NeverUpdated, IsNoFaultBeforeTraining) {
  EXPECT_FALSE(has(examine(patient_of(healthy_model())), "statistics-never-updated"));
  const TemporaryFolder folder;
  trainer_for(healthy_model()).save(folder / "start.safetensors");
  const auto findings = examine(read_patient(folder / "start.safetensors"));
  EXPECT_EQ(found(findings, "statistics-never-updated").severity, Severity::info);
}

TEST(InitialValue, IsWhatThePlainRuleHasLeft) {
  const Patient patient = trained_patient(plain_model(0.99), 2);
  const Finding finding = found(examine(patient), "statistics-weigh-initial-value");
  EXPECT_EQ(finding.severity, Severity::warning);
  EXPECT_EQ(finding.numbers.at("updates"), 20);
  EXPECT_DOUBLE_EQ(finding.numbers.at("weight"), std::pow(0.99, 20));
  EXPECT_NE(finding.evidence.find("82 %"), std::string::npos) << finding.evidence;
}

TEST(InitialValue, IsGoneAfterManyUpdatesOrByCountWeighting) {
  EXPECT_FALSE(
      has(examine(trained_patient(plain_model(0.8), 3)), "statistics-weigh-initial-value"));
  EXPECT_FALSE(has(examine(trained_patient(healthy_model(), 1)), "statistics-weigh-initial-value"));
}

TEST(Pace, OfAnAverageLongerThanTheRunIsTooSlow) {
  Patient patient = patient_of(plain_model(0.99));
  patient.batch = 32;
  patient.epochs = 4;
  const Finding finding = found(examine(patient, with_data()), "decay-too-slow");
  EXPECT_EQ(finding.numbers.at("steps"), 40);
  EXPECT_NEAR(finding.numbers.at("window"), 100, 1e-9);
  EXPECT_NE(finding.fix.find("keep(0.9)"), std::string::npos) << finding.fix;
  patient.epochs = 50;
  EXPECT_FALSE(has(examine(patient, with_data()), "decay-too-slow"));
  EXPECT_FALSE(
      has(examine(patient, {.data = small_data(), .batch = 8, .epochs = 13}), "decay-too-slow"));
  EXPECT_TRUE(
      has(examine(patient, {.data = small_data(), .batch = 8, .epochs = 12}), "decay-too-slow"));
}

TEST(Pace, ThatKeepsNextToNothingIsReversed) {
  const Finding finding = found(examine(patient_of(plain_model(0.1))), "decay-reversed");
  EXPECT_NE(finding.fix.find("Decay::keep(0.9)"), std::string::npos) << finding.fix;
  EXPECT_FALSE(has(examine(patient_of(plain_model(0.5))), "decay-reversed"));
}

TEST(Variance, BelowZeroOrNotFiniteIsInvalid) {
  for (const float bad :
       {-1e-6F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Patient patient = healthy_patient();
    patient.state.at("bn2/moving_variance").values<float>()[3] = bad;
    const auto findings = examine(patient);
    const Finding finding = found(findings, "moving-variance-invalid");
    EXPECT_EQ(finding.layer, "bn2");
    EXPECT_EQ(finding.numbers.at("first_invalid"), 3);
    EXPECT_EQ(finding.numbers.at("invalid"), 1);
    EXPECT_FALSE(has(findings, "values-not-finite"));
  }
  Patient patient = healthy_patient();
  patient.state.at("bn2/moving_variance").values<float>()[3] = 0;
  EXPECT_FALSE(has(examine(patient), "moving-variance-invalid"));
}

TEST(BatchAndMoving, StatisticsOfOtherDataPartWhereTheyAre) {
  Patient patient = healthy_patient();
  for (float& mean : patient.state.at("bn2/moving_mean").values<float>()) mean += 5;
  const Finding finding = found(examine(patient, with_data()), "batch-and-moving-differ");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.layer, "bn2");
  EXPECT_EQ(finding.numbers.at("images"), 128);
  EXPECT_GT(finding.numbers.at("batch_accuracy"), 0.9);
  EXPECT_LT(finding.numbers.at("moving_accuracy"), 0.6);
  EXPECT_GT(finding.numbers.at("outputs_apart"), 0.1);
  EXPECT_NE(finding.evidence.find("They part at bn2"), std::string::npos) << finding.evidence;
  EXPECT_FALSE(has(examine(patient), "batch-and-moving-differ")) << "it needs data";
}

TEST(BatchAndMoving, ThePlainRuleEarlyInARunIsFound) {
  const auto findings = examine(trained_patient(plain_model(0.99), 2), with_data());
  const Finding finding = found(findings, "batch-and-moving-differ");
  EXPECT_GT(finding.numbers.at("moving_loss"), finding.numbers.at("batch_loss"));
}

TEST(BatchAndMoving, VariancesBelowZeroDoNotHideIt) {
  Patient patient = healthy_patient();
  fill(patient, "bn1/moving_variance", -1);
  const Finding finding = found(examine(patient, with_data()), "batch-and-moving-differ");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.layer, "bn1");
}

TEST(BatchAndMoving, IsNotAskedBeforeTraining) {
  EXPECT_FALSE(has(examine(patient_of(plain_model(0.99)), with_data()), "batch-and-moving-differ"));
}

}  // namespace
}  // namespace evenkeel::test
