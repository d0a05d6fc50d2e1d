// SPDX-License-Identifier: Apache-2.0
// Doctor on networks with ghost batch norm, renorm and weighted samples.
#include "evenkeel/model/layers.h"
#include "evenkeel/study/doctor/network.h"
#include "tests/study/patients.h"
#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

Model network_with(const BatchKind& batch) {
  Scope s("g", image(28, 28, 1).scale(1 / 255.0));
  BatchNormOptions options = healthy_norm();
  options.batch = batch;
  Value x = layers::conv2d(6, 3, {.stride = 4, .bias = false})(s, s.images());
  x = layers::relu()(s, layers::batch_norm(options)(s, x));
  x = layers::dense(16, {.bias = false})(s, layers::flatten()(s, x));
  x = layers::relu()(s, layers::batch_norm(options)(s, x));
  return s.build(layers::dense(10)(s, x));
}

TEST(GhostBatchNorm, IsMeasuredOnWholeGroups) {
  const Model model = network_with(Ghost{.size = 24});
  EXPECT_EQ(doctor::whole_groups(model.graph(), 128), 120);
  EXPECT_EQ(doctor::whole_groups(model.graph(), 5), 24);
  EXPECT_EQ(doctor::whole_groups(network_with(WholeBatch{}).graph(), 127), 127);
  const auto findings = examine(patient_of(model), with_data());
  EXPECT_FALSE(has(findings, "not-finite"));
}

TEST(GhostBatchNorm, HasTheValuesOfAGroup) {
  const Patient patient = patient_of(network_with(Ghost{.size = 4}));
  const Finding finding = found(examine(patient, {.batch = 128}), "too-few-values-per-channel");
  EXPECT_EQ(finding.layer, "bn2") << "bn1 has 4 x 7 x 7";
  EXPECT_EQ(finding.numbers.at("values"), 4);
  EXPECT_NE(finding.evidence.find("a group of 4 images gives 4 values"), std::string::npos)
      << finding.evidence;
  EXPECT_NE(finding.fix.find("Groups of at least 16 images"), std::string::npos) << finding.fix;
}

TEST(Renorm, IsMeasured) {
  for (const RenormMoves moves : {RenormMoves::variance, RenormMoves::deviation}) {
    const Model model = network_with(Renorm{.moves = moves});
    EXPECT_EQ(message_of([&] { examine(patient_of(model), with_data()); }), "");
  }
}

TEST(WeightedBatchNorm, IsMeasuredOnDataWithWeights) {
  Scope s("g", image(28, 28, 1).scale(1 / 255.0));
  Value x = layers::flatten()(s, layers::max_pool2d(4)(s, s.images()));
  x = layers::batch_norm(healthy_norm())(s, x, s.sample_weights());
  const Patient patient = patient_of(s.build(layers::dense(10)(s, x)));
  EXPECT_NE(message_of([&] { examine(patient, with_data()); }).find("with_sample_weights"),
            std::string::npos);
  ExamineOptions options = with_data();
  options.data = options.data.with_sample_weights(std::vector<float>(320, 0.5F));
  EXPECT_EQ(message_of([&] { examine(patient, options); }), "");
}

}  // namespace
}  // namespace evenkeel::test
