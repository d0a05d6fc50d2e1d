// SPDX-License-Identifier: Apache-2.0
// Gradients and steps, layer by layer, and what decay applies to.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

Model deep(Activation activation, const InitialValue& kernel, double factor = 1 / 255.0) {
  Sequential layers("deep", image(28, 28, 1).scale(factor));
  layers.max_pool2d(2).flatten();
  for (int i = 0; i < 8; ++i) layers.dense(32, {.activation = activation, .kernel = kernel});
  return layers.dense(10).build();
}

TEST(Gradients, VanishBehindManySigmoids) {
  const auto findings =
      examine(patient_of(deep(Activation::sigmoid, Initializer::glorot_uniform)), with_data());
  const Finding finding = found(findings, "vanishing-gradients");
  EXPECT_EQ(finding.layer, "dense1");
  EXPECT_LT(finding.numbers.at("gradient_rms"), 1e-4 * finding.numbers.at("largest_rms"));
  EXPECT_FALSE(has(findings, "exploding-gradients"));
}

TEST(Gradients, ExplodeWithLargeWeights) {
  const auto findings = examine(
      patient_of(deep(Activation::relu, InitialValue::truncated_normal(1), 1.0)), with_data());
  const Finding finding = found(findings, "exploding-gradients");
  EXPECT_GT(finding.numbers.at("gradient_norm"), 100 * finding.numbers.at("weight_norm"));
}

TEST(Gradients, OfAWellScaledNetworkDoNeither) {
  const auto findings =
      examine(patient_of(deep(Activation::relu, Initializer::he_normal)), with_data());
  EXPECT_FALSE(has(findings, "vanishing-gradients"));
  EXPECT_FALSE(has(findings, "exploding-gradients"));
}

TEST(Gradients, ThatAreNotFiniteNameTheLayer) {
  Patient patient = healthy_patient();
  fill(patient, "conv1/kernel", 3e38F);
  const Finding finding = found(examine(patient, with_data()), "values-not-finite");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.layer, "conv1");
}

TEST(Weights, ThatAreNotFiniteNameTheTensor) {
  Patient patient = healthy_patient();
  patient.state.at("dense1/kernel").values<float>()[1] = NAN;
  const Finding finding = found(examine(patient), "values-not-finite");
  EXPECT_EQ(finding.layer, "dense1/kernel");
  EXPECT_EQ(finding.numbers.at("not_finite"), 1);
}

TEST(UpdateRatio, IsThatOfOneStepWithTheRunsOptimiser) {
  Patient patient = patient_of(healthy_model());
  patient.optimizer = Adam{.learning_rate = 1};
  const Finding large = found(examine(patient, with_data()), "update-to-weight-ratio");
  EXPECT_GT(large.numbers.at("ratio"), 1) << "Adam's first step moves each weight by the rate";
  patient.optimizer = Sgd{.learning_rate = 1e-9};
  const Finding small = found(examine(patient, with_data()), "update-to-weight-ratio");
  EXPECT_LT(small.numbers.at("ratio"), 1e-5);
  patient.optimizer = Adam{.learning_rate = 1e-3};
  EXPECT_FALSE(has(examine(patient, with_data()), "update-to-weight-ratio"));
}

// Of SGD it is lr |gradient| / |weights|, which the gradients' own numbers give.
TEST(UpdateRatio, GrowsWithTheLearningRate) {
  Patient patient = patient_of(healthy_model());
  patient.optimizer = Sgd{.learning_rate = 10};
  const double ten =
      found(examine(patient, with_data()), "update-to-weight-ratio").numbers.at("ratio");
  patient.optimizer = Sgd{.learning_rate = 20};
  const double twenty =
      found(examine(patient, with_data()), "update-to-weight-ratio").numbers.at("ratio");
  EXPECT_NEAR(twenty, 2 * ten, 1e-4 * ten);
}

// Muon's kernels by its own rate, and those that AdamW has by the other.
TEST(UpdateRatio, IsToBeHadOfEveryOptimiser) {
  Patient patient = patient_of(healthy_model());
  for (const Optimizer& optimizer :
       {Optimizer(Adagrad{.learning_rate = 1}), Optimizer(Muon{.learning_rate = 5}),
        Optimizer(Muon{.learning_rate = 1e-3, .momentum = 0.9})}) {
    patient.optimizer = optimizer;
    EXPECT_EQ(has(examine(patient, with_data()), "update-to-weight-ratio"),
              learning_rate_of(optimizer) >= 1)
        << name_of(optimizer);
  }
  Patient narrow = patient_of(Sequential("narrow", image(28, 28, 1).scale(1 / 255.0))
                                  .conv2d(1, 3, {.bias = false})
                                  .batch_norm(healthy_norm())
                                  .flatten()
                                  .dense(10)
                                  .build());
  narrow.optimizer = Muon{.learning_rate = 1e-3, .other_factor = 1000};
  EXPECT_EQ(found(examine(narrow, with_data()), "update-to-weight-ratio").layer, "conv1");
}

TEST(UpdateRatio, KnowsThatAWarmUpBeginsLow) {
  Patient patient = patient_of(healthy_model());
  patient.optimizer = Adam{.learning_rate = 0.05};
  patient.batch = 32;
  patient.epochs = 10;
  EXPECT_TRUE(has(examine(patient, with_data()), "update-to-weight-ratio"));
  patient.schedule = Schedule::constant().warm_up(50, 0.001);
  EXPECT_FALSE(has(examine(patient, with_data()), "update-to-weight-ratio"));
}

TEST(Decay, OnGammaOrBetaIsFound) {
  Patient patient = patient_of(healthy_model());
  patient.optimizer = AdamW{.decays = {.gamma = true, .beta = true}};
  const Finding both = found(examine(patient), "weight-decay-on-gamma-beta");
  EXPECT_EQ(both.numbers.at("numbers"), 2 * (6 + 16));
  EXPECT_DOUBLE_EQ(both.numbers.at("decay"), 0.01);
  patient.optimizer = Sgd{.l2 = 1e-4, .decays = {.beta = true}};
  EXPECT_NE(found(examine(patient), "weight-decay-on-gamma-beta").evidence.find("pulls beta"),
            std::string::npos);
  patient.optimizer = Sgd{.decays = {.gamma = true}};  // nothing decays
  EXPECT_FALSE(has(examine(patient), "weight-decay-on-gamma-beta"));
  patient.optimizer = AdamW{};
  EXPECT_FALSE(has(examine(patient), "weight-decay-on-gamma-beta"));
}

}  // namespace
}  // namespace evenkeel::test
