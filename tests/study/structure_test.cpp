// SPDX-License-Identifier: Apache-2.0
// What stands before a batch norm, how many values its channels have, what stands still.
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/graph/graph.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/scope.h"
#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

std::vector<Finding> of(Sequential& layers) { return examine(patient_of(layers.build())); }

Sequential start() { return {"start", image(28, 28, 1).scale(1 / 255.0)}; }

TEST(BiasBeforeBatchNorm, IsFoundBehindPoolingsToo) {
  Sequential layers = start();
  layers.conv2d(4, 3, {.name = "stem"}).max_pool2d(2).flatten().batch_norm().dense(10);
  const Finding finding = found(of(layers), "bias-before-batch-norm");
  EXPECT_EQ(finding.severity, Severity::info);
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_EQ(finding.numbers.at("numbers"), 4);
  EXPECT_NE(finding.evidence.find("stem/bias"), std::string::npos) << finding.evidence;
}

TEST(BiasBeforeBatchNorm, IsNoneWithoutOneOrBehindAnActivation) {
  Sequential without = start();
  without.conv2d(4, 3, {.bias = false}).batch_norm().flatten().dense(10);
  EXPECT_FALSE(has(of(without), "bias-before-batch-norm"));
  Sequential behind = start();
  behind.conv2d(4, 3, {.activation = Activation::relu}).batch_norm().flatten().dense(10);
  EXPECT_FALSE(has(of(behind), "bias-before-batch-norm"));
}

TEST(BiasBeforeBatchNorm, ThatAnotherLayerReadsToo) {
  Scope scope("two", image(28, 28, 1).scale(1 / 255.0));
  const Value x = layers::conv2d(4, 3)(scope, scope.images());
  const Value y = layers::add()(scope, x, layers::batch_norm()(scope, x));
  const Model model = scope.build(layers::dense(10)(scope, layers::flatten()(scope, y)));
  EXPECT_FALSE(has(examine(patient_of(model)), "bias-before-batch-norm"));
}

TEST(DropoutBeforeBatchNorm, IsFoundWithTheLayersBetween) {
  Sequential near = start();
  near.flatten().dense(16).dropout(0.5).batch_norm().dense(10);
  const Finding first = found(of(near), "dropout-before-batch-norm");
  EXPECT_EQ(first.severity, Severity::warning);
  EXPECT_EQ(first.numbers.at("layers_between"), 0);
  EXPECT_EQ(first.numbers.at("factor"), 2);
  Sequential far = start();
  far.flatten().dropout(0.2).dense(16, {.bias = false}).batch_norm().dense(10);
  EXPECT_EQ(found(of(far), "dropout-before-batch-norm").numbers.at("layers_between"), 1);
}

TEST(DropoutBeforeBatchNorm, IsNoneBehindItOrBeforeAnotherBatchNorm) {
  Sequential behind = start();
  behind.flatten().dense(16, {.bias = false}).batch_norm().dropout(0.5).dense(10);
  EXPECT_FALSE(has(of(behind), "dropout-before-batch-norm"));
  Sequential two = start();
  two.flatten().dropout(0.5).dense(16).batch_norm({.name = "near"}).dense(16);
  two.batch_norm({.name = "far"}).dense(10);
  const auto findings = of(two);
  EXPECT_EQ(found(findings, "dropout-before-batch-norm").layer, "near");
  for (const Finding& finding : findings)
    EXPECT_FALSE(finding.id == "dropout-before-batch-norm" && finding.layer == "far");
}

TEST(FewValues, AreCountedOverImagesAndPlaces) {
  const Patient patient = patient_of(healthy_model());
  const auto findings = examine(patient, {.batch = 4});
  const Finding finding = found(findings, "too-few-values-per-channel");
  EXPECT_EQ(finding.layer, "bn2") << "bn1 has 4 x 6 x 6";
  EXPECT_EQ(finding.severity, Severity::warning);
  EXPECT_EQ(finding.numbers.at("values"), 4);
  EXPECT_DOUBLE_EQ(finding.numbers.at("variance_error"), std::sqrt(2.0 / 3));
  EXPECT_FALSE(has(examine(patient, {.batch = 16}), "too-few-values-per-channel"));
  EXPECT_FALSE(has(examine(patient), "too-few-values-per-channel")) << "no batch is known";
}

TEST(FewValues, OfOneAreAnError) {
  const auto findings = examine(patient_of(healthy_model()), {.batch = 1});
  EXPECT_EQ(found(findings, "too-few-values-per-channel").severity, Severity::error);
  EXPECT_EQ(findings.front().layer, "bn2");
}

TEST(Unfrozen, StatisticsOfLargeBatchesAreToBeKeptFromSmallOnes) {
  Patient patient = healthy_patient();  // 100 steps with batches of 32
  const Finding finding = found(examine(patient, {.batch = 4}), "unfrozen-that-should-be");
  EXPECT_EQ(finding.layer, "bn2");
  EXPECT_NE(finding.evidence.find("batches of 32"), std::string::npos) << finding.evidence;
  patient.batch = 4;  // its own run had such batches: that is another matter
  EXPECT_FALSE(has(examine(patient), "unfrozen-that-should-be"));
  EXPECT_TRUE(has(examine(patient), "too-few-values-per-channel"));
  patient.step = 0;  // a new run of what another one learned
  EXPECT_TRUE(has(examine(patient), "unfrozen-that-should-be"));
  EXPECT_FALSE(has(examine(patient_of(healthy_model()), {.batch = 4}), "unfrozen-that-should-be"));
}

TEST(Unfrozen, IsNotSaidOfWhatIsFrozen) {
  Patient patient = healthy_patient();
  patient.model = freeze(*patient.model, "bn2");
  EXPECT_FALSE(has(examine(patient, {.batch = 4}), "unfrozen-that-should-be"));
  EXPECT_FALSE(has(examine(patient, {.batch = 1}), "too-few-values-per-channel"));
  patient.optimizer = AdamW{.decays = {.gamma = true}};
  EXPECT_EQ(found(examine(patient), "weight-decay-on-gamma-beta").numbers.at("numbers"), 6);
}

// The network says what is frozen: gamma and beta that stand still are not taken for it.
TEST(Frozen, GammaAndBetaAloneIsNotFrozen) {
  Trainer trainer = healthy_trainer();
  const Patient before = patient_of(trainer);
  trainer.fit(small_data(), {.epochs = 11, .batch_size = 32});
  Patient after = patient_of(trainer);
  for (const char* name : {"bn1/gamma", "bn1/beta"}) after.state[name] = before.state.at(name);
  EXPECT_FALSE(has(examine(after, {.before = &before}), "frozen-that-is-not"));
  const auto gamma_and_beta = [](Graph& to, const Graph& from, NodeId id,
                                 const std::vector<Value>& in) {
    Op op = from.node(id).op;
    auto* state = std::get_if<State>(&op);
    if (state != nullptr && from.node(id).name.starts_with("bn1/") && trained(state->role))
      state->frozen = true;
    return keep_as(op, to, from, id, in);
  };
  after.model = Model(rewrite(after.model->graph(), gamma_and_beta));
  const Finding finding = found(examine(after), "frozen-that-is-not");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.layer, "bn1");
  EXPECT_NE(finding.fix.find("freeze(model, \"bn1\")"), std::string::npos) << finding.fix;
}

TEST(Frozen, WhatMovedAllTheSameIsTold) {
  Patient before = healthy_patient();
  before.model = freeze(*before.model, "bn*");
  Patient after = before;
  EXPECT_FALSE(has(examine(after, {.before = &before}), "frozen-that-is-not"));
  fill(after, "bn2/moving_mean", 0.25F);
  const Finding finding = found(examine(after, {.before = &before}), "frozen-that-is-not");
  EXPECT_EQ(finding.layer, "bn2");
  EXPECT_NE(finding.evidence.find("bn2/moving_mean"), std::string::npos) << finding.evidence;
  const Patient free = healthy_patient();  // it moved before it was frozen
  EXPECT_FALSE(has(examine(after, {.before = &free}), "frozen-that-is-not"));
}

TEST(Frozen, IsMeasuredAsItTrains) {
  Patient patient = healthy_patient();
  patient.model = freeze(*patient.model, "bn*");
  EXPECT_FALSE(has(examine(patient, with_data()), "batch-and-moving-differ"));
}

TEST(Frozen, StatisticsComputedAnewAreNoTraining) {
  const Patient before = healthy_patient();
  Patient after = before;
  fill(after, "bn1/moving_mean", 0.25F);
  EXPECT_FALSE(has(examine(after, {.before = &before}), "frozen-that-is-not"));
}

}  // namespace
}  // namespace evenkeel::test
