// SPDX-License-Identifier: Apache-2.0
// Files: damaged ones of ours, and those of PyTorch, TensorFlow and Keras (tests/golden/doctor).
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/train/checkpoint.h"
#include "tests/study/patients.h"

namespace evenkeel::test {
namespace {

std::vector<Finding> examine_file(const std::string& name) {
  return examine(read_patient(doctor_file(name)));
}

TEST(Checksum, ThatIsWrongIsAFindingAndTheRestIsReadAllTheSame) {
  const TemporaryFolder folder;
  const auto path = folder / "damaged.safetensors";
  healthy_trainer().save(path);
  EXPECT_FALSE(has(examine(read_patient(path)), "checksum-wrong"));
  ByteVector bytes = read_bytes(path);
  // The last float tensors are those last in the alphabet: part of an optimiser's slot.
  bytes[bytes.size() - 3] ^= std::byte{0x01};
  write_bytes(path, bytes);
  EXPECT_THROW(Checkpoint::read(path), DataError);
  const Patient patient = read_patient(path);
  EXPECT_EQ(patient.step, 100);
  const Finding finding = found(examine(patient), "checksum-wrong");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_TRUE(patient.state.contains(finding.layer)) << finding.layer;
  EXPECT_NE(finding.evidence.find("CRC-32"), std::string::npos) << finding.evidence;
}

TEST(Checksum, AFileCutShortIsNoPatient) {
  const TemporaryFolder folder;
  const auto path = folder / "short.safetensors";
  healthy_trainer().save(path);
  ByteVector bytes = read_bytes(path);
  bytes.resize(bytes.size() - 1);
  write_bytes(path, bytes);
  EXPECT_THROW(read_patient(path), DataError);
  EXPECT_THROW(read_patient(folder / "nowhere.safetensors"), DataError);
}

struct Ill {
  const char* file;
  const char* id;
  const char* layer;
  Severity severity;
};
class IllFile : public testing::TestWithParam<Ill> {};

TEST_P(IllFile, IsFoundWithItsLayer) {
  bool found = false;
  for (const Finding& finding : examine_file(GetParam().file)) {
    if (finding.id != GetParam().id || finding.layer != GetParam().layer) continue;
    found = true;
    EXPECT_EQ(finding.severity, GetParam().severity);
  }
  EXPECT_TRUE(found);
}

INSTANTIATE_TEST_SUITE_P(
    Files, IllFile,
    testing::Values(Ill{"torch-never-updated", "statistics-never-updated", "1", Severity::error},
                    Ill{"torch-never-updated", "statistics-never-updated", "4", Severity::error},
                    Ill{"tf1-never-updated", "statistics-never-updated", "bn", Severity::error},
                    Ill{"torch-initial-value", "statistics-weigh-initial-value", "1",
                        Severity::warning},
                    Ill{"torch-epsilon", "epsilon-exceeds-variance", "1", Severity::warning},
                    Ill{"keras-epsilon", "epsilon-exceeds-variance", "batch_normalization_1",
                        Severity::warning},
                    Ill{"torch-bias", "bias-before-batch-norm", "1", Severity::info},
                    Ill{"torch-constant", "constant-channels", "3", Severity::warning},
                    Ill{"torch-dead", "dead-channels", "1", Severity::info},
                    Ill{"torch-gamma", "gamma-near-zero", "1", Severity::warning},
                    Ill{"torch-negative-variance", "moving-variance-invalid", "4", Severity::error},
                    Ill{"torch-not-finite", "values-not-finite", "0.weight", Severity::error}),
    [](const auto& info) {
      std::string name = std::string(info.param.file) + "_" + info.param.layer;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

TEST(ForeignFile, HealthyOnesHaveNoFindings) {
  for (const char* name : {"torch-healthy", "torch-frozen-before", "tf1-healthy", "keras-healthy"})
    for (const Finding& finding : examine_file(name))
      ADD_FAILURE() << name << ": " << finding.id << " " << finding.layer;
}

TEST(ForeignFile, SaysTheWeightOfTheInitialValueByPyTorchsCount) {
  const Finding finding =
      found(examine_file("torch-initial-value"), "statistics-weigh-initial-value");
  EXPECT_EQ(finding.numbers.at("updates"), 20);
  EXPECT_NEAR(finding.numbers.at("weight"), 0.1216, 1e-4);
  EXPECT_NE(finding.evidence.find("PyTorch's default"), std::string::npos) << finding.evidence;
}

// requires_grad = False in PyTorch, and the statistics go on.
TEST(ForeignFile, PyTorchsHalfFrozenLayersAreFound) {
  const Patient before = read_patient(doctor_file("torch-frozen-before"));
  const Patient after = read_patient(doctor_file("torch-frozen-after"));
  const Patient whole = read_patient(doctor_file("torch-frozen-whole"));
  EXPECT_EQ(found(examine(after, {.before = &before}), "frozen-that-is-not").layer, "1");
  EXPECT_TRUE(examine(whole, {.before = &after}).empty()) << "all but the batch norms was trained";
}

// Fine-tuned in batches of 4 images, which the file does not say.
TEST(ForeignFile, PyTorchsLayersThatSmallBatchesTaughtAnewAreFound) {
  const Patient before = read_patient(doctor_file("torch-unfrozen-before"));
  const Patient after = read_patient(doctor_file("torch-unfrozen-after"));
  const Finding finding =
      found(examine(after, {.batch = 4, .before = &before}), "unfrozen-that-should-be");
  EXPECT_EQ(finding.layer, "1");
  EXPECT_GT(finding.numbers.at("deviation_changed"), 1.5) << "images of twice the contrast";
  EXPECT_NE(finding.evidence.find("40 updates by batches of 4 images"), std::string::npos)
      << finding.evidence;
  EXPECT_NE(finding.evidence.find("of 100 updates"), std::string::npos) << finding.evidence;
  for (const std::int64_t batch : {0, 64})
    EXPECT_FALSE(
        has(examine(after, {.batch = batch, .before = &before}), "unfrozen-that-should-be"));
  const Patient whole = read_patient(doctor_file("torch-frozen-whole"));
  const Patient frozen = read_patient(doctor_file("torch-frozen-after"));
  EXPECT_TRUE(examine(whole, {.batch = 4, .before = &frozen}).empty()) << "nothing of it moved";
}

TEST(ForeignFile, NamesMayStandAloneEndInZeroOrHaveNoCount) {
  const Tensor zeros = Tensor::of<float>(Shape{3}, {0, 0, 0});
  const Tensor ones = Tensor::of<float>(Shape{3}, {1, 1, 1});
  Patient patient;
  patient.state = {{"running_mean", zeros}, {"running_var", ones}};
  EXPECT_EQ(found(examine(patient), "statistics-never-updated").layer, "batch norm");
  patient.state = {{"block/bn/moving_mean:0", zeros}, {"block/bn/moving_variance:0", ones}};
  EXPECT_EQ(found(examine(patient), "statistics-never-updated").layer, "block/bn");
  patient.state = {{"a.running_mean", zeros}, {"b.running_var", ones}, {"not_running_mean", zeros}};
  EXPECT_TRUE(examine(patient).empty()) << "no two of one layer";
  patient.state = {{"a.running_mean", zeros}, {"a.running_var", Tensor::of<float>(Shape{1}, {1})}};
  EXPECT_TRUE(examine(patient).empty()) << "of two shapes";
}

TEST(ForeignFile, NumbersThatAreNoneAreNotReadAsSuch) {
  const Tensor values = Tensor::of<float>(Shape{2}, {0.5F, 0.25F});
  Patient patient;
  for (const Tensor& count :
       {Tensor::of<std::int64_t>(Shape{}, {-5}), Tensor::of<float>(Shape{}, {NAN}),
        Tensor::of<std::int64_t>(Shape{2}, {1, 1}), Tensor(DType::u8, Shape{})}) {
    patient.state = {
        {"bn.running_mean", values}, {"bn.running_var", values}, {"bn.num_batches_tracked", count}};
    EXPECT_FALSE(has(examine(patient), "statistics-weigh-initial-value"));
  }
  const Tensor none(DType::f32, Shape{0});
  const Tensor bytes(DType::u8, Shape{2});
  for (const Tensor& tensor : {none, bytes}) {
    patient.state = {
        {"bn.running_mean", tensor}, {"bn.running_var", tensor}, {"bn.weight", tensor}};
    EXPECT_TRUE(examine(patient).empty());
  }
}

// The upper half of an f32.
TEST(ForeignFile, MayBeInBfloat16) {
  Tensor mean(DType::bf16, Shape{2});
  Tensor variance = mean;
  for (const std::size_t at : {0U, 2U}) {
    variance.bytes[at] = std::byte{0x80};
    variance.bytes[at + 1] = std::byte{0x3F};
  }
  Patient patient;
  patient.state = {{"bn.running_mean", mean}, {"bn.running_var", variance}};
  EXPECT_TRUE(has(examine(patient), "statistics-never-updated"));
}

TEST(ForeignFile, ABiasIsToldByTheNamesOfTorchvisionToo) {
  const Tensor zeros = Tensor::of<float>(Shape{2}, {0, 0});
  const Tensor values = Tensor::of<float>(Shape{2}, {0.5F, 0.25F});
  Patient patient;
  patient.state = {{"layer1.0.bn2.running_mean", values},
                   {"layer1.0.bn2.running_var", values},
                   {"layer1.0.conv2.weight", Tensor(DType::f32, Shape{2, 1, 3, 3})},
                   {"layer1.0.conv2.bias", zeros}};
  const Finding finding = found(examine(patient), "bias-before-batch-norm");
  EXPECT_NE(finding.evidence.find("layer1.0.conv2.bias"), std::string::npos);
  patient.state["layer1.0.conv2.bias"] = Tensor(DType::f32, Shape{3});
  EXPECT_TRUE(examine(patient).empty());
}

TEST(ForeignFile, DataAreOfNoUseWithoutANetwork) {
  EXPECT_TRUE(examine(read_patient(doctor_file("torch-healthy")), with_data()).empty());
}

}  // namespace
}  // namespace evenkeel::test
