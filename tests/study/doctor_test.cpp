// SPDX-License-Identifier: Apache-2.0
// Healthy networks, the order of findings, and what doctor is told.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/study/patients.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_nothing(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    ADD_FAILURE() << finding.id << " " << finding.layer << ": " << finding.evidence;
}

TEST(Doctor, FindsNothingInAHealthyNetworkBeforeTraining) {
  Patient patient = patient_of(healthy_model());
  patient.batch = 32;
  patient.epochs = 10;
  expect_nothing(examine(patient));
  expect_nothing(examine(patient, with_data()));
}

TEST(Doctor, FindsNothingInAHealthyNetworkAfterTraining) {
  expect_nothing(examine(healthy_patient()));
  expect_nothing(examine(healthy_patient(), with_data()));
  const Patient before = patient_of(healthy_model());
  expect_nothing(examine(healthy_patient(), {.before = &before}));
}

TEST(Doctor, FindsNothingInAHealthyCheckpoint) {
  const TemporaryFolder folder;
  healthy_trainer().save(folder / "healthy.safetensors");
  const Patient patient = read_patient(folder / "healthy.safetensors");
  EXPECT_EQ(patient.step, 100);
  EXPECT_TRUE(patient.model.has_value());
  expect_nothing(examine(patient, with_data()));
}

TEST(Doctor, LeavesWhatItExaminesAsItWas) {
  Trainer trainer = healthy_trainer();
  const Patient patient = patient_of(trainer);
  examine(patient, with_data());
  for (const auto& [name, tensor] : patient.state) EXPECT_EQ(tensor, trainer.state(name)) << name;
}

TEST(Doctor, GivesTheSameNumbersAgain) {
  Patient patient = healthy_patient();
  fill(patient, "bn1/moving_mean", 3);
  const auto first = examine(patient, with_data());
  const auto second = examine(patient, with_data());
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].numbers, second[i].numbers);
}

TEST(Doctor, PutsTheMostSeriousFirst) {
  Patient patient = healthy_patient();
  fill(patient, "bn2/gamma", 0);
  fill(patient, "bn1/moving_variance", -1);
  patient.optimizer = AdamW{.decays = {.gamma = true}};
  const auto findings = examine(patient);
  ASSERT_GE(findings.size(), 3U);
  EXPECT_EQ(findings[0].id, "moving-variance-invalid");
  EXPECT_EQ(findings[1].id, "gamma-near-zero");
  EXPECT_EQ(findings[2].id, "weight-decay-on-gamma-beta");
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.evidence.empty());
    EXPECT_FALSE(finding.why.empty());
    EXPECT_FALSE(finding.fix.empty());
    EXPECT_FALSE(finding.numbers.empty());
  }
}

TEST(Doctor, RefusesNumbersBelowZeroAndDataThatDoNotFit) {
  const Patient patient = healthy_patient();
  EXPECT_THROW(examine(patient, {.batch = -1}), InvalidArgument);
  EXPECT_THROW(examine(patient, {.epochs = -1}), InvalidArgument);
  EXPECT_THROW(examine(patient, {.threads = -1}), InvalidArgument);
  const Dataset small("small", Tensor(DType::u8, Shape{4, 8, 8, 1}), {0, 1, 2, 3}, 4);
  EXPECT_THROW(examine(patient, {.data = small}), InvalidArgument);
  EXPECT_THROW(examine(patient, {.data = small_data(), .kernels = "fast"}), InvalidArgument);
}

TEST(Doctor, RefusesAStateOfAnotherShape) {
  Patient patient = healthy_patient();
  patient.state["dense1/kernel"] = Tensor(DType::f32, Shape{3, 16});
  EXPECT_THROW(examine(patient, with_data()), DataError);
}

TEST(Doctor, ExaminesARunInDoublePrecision) {
  Trainer trainer(healthy_model(), softmax_cross_entropy(), Adam{.learning_rate = 3e-3},
                  {.seed = 1, .threads = 2, .precision = Precision::f64});
  trainer.fit(small_data(), {.epochs = 1, .batch_size = 32});
  const auto findings = examine(patient_of(trainer), with_data());
  EXPECT_FALSE(has(findings, "values-not-finite"));
  EXPECT_FALSE(has(findings, "update-to-weight-ratio"));
}

// docs/doctor.md has a row for each finding, in their order, and no other; each is in a test.
TEST(DoctorCatalogue, IsWhatTheDocsAndTheTestsSay) {
  const std::filesystem::path root = test::kSourceDir;
  std::string docs = text_of(root / "docs/doctor.md");
  docs = docs.substr(std::min(docs.size(), docs.find("## Findings")));
  std::string tests;
  for (const auto& entry : std::filesystem::directory_iterator(root / "tests/study"))
    if (entry.path().filename() != "doctor_test.cpp") tests += text_of(entry.path());
  std::size_t at = 0;
  for (const KnownFinding& known : known_findings()) {
    const std::string row = "\n| `" + std::string(known.id) + "` |";
    const std::size_t found = docs.find(row, at);
    EXPECT_NE(found, std::string::npos) << known.id << " has no row in docs/doctor.md, or not here";
    if (found != std::string::npos) at = found;
    EXPECT_NE(tests.find("\"" + std::string(known.id) + "\""), std::string::npos)
        << known.id << " is in no test";
  }
  std::size_t rows = 0;
  for (std::size_t row = docs.find("\n| `"); row != std::string::npos; ++rows)
    row = docs.find("\n| `", row + 1);
  EXPECT_EQ(rows, known_findings().size());
}

}  // namespace
}  // namespace evenkeel::test
