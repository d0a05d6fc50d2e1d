// SPDX-License-Identifier: Apache-2.0
// The programs of examples/, as somebody would try them.
#include <gtest/gtest.h>

#include "tests/end_to_end/process.h"
#include "tests/support/idx_files.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

// Two bright rows at the place of the label: learnt in a few steps.
class SlowExamples : public testing::Test {
 protected:
  SlowExamples() { test::write_idx_set(folder_.path(), "mnist", 720, 128); }

  test::Ran run(const std::string& name, const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {std::string(test::kExamplesDir) + "/" + name};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command, {{"EVENKEEL_DATA", folder_.path().string()},
                               {"XDG_CACHE_HOME", (folder_ / "cache").string()}});
  }

  test::TemporaryFolder folder_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(SlowExamples, MnistCnnTrainsSavesAndPredicts) {
  const std::string epochs = EVENKEEL_HAS_ONEDNN ? "6" : "2";
  const std::string checkpoint = (folder_ / "model.safetensors").string();
  const test::Ran ran = run("mnist_cnn", {epochs, checkpoint});
  ASSERT_EQ(ran.code, 0) << ran.output;
  EXPECT_TRUE(has(ran.output, "Epoch 1/" + epochs + " - Batch 1/5: loss = ")) << ran.output;
  EXPECT_TRUE(std::filesystem::exists(checkpoint));
  EXPECT_TRUE(has(ran.output, "The first test image is a ")) << ran.output;
#if EVENKEEL_HAS_ONEDNN
  const int label = test::small_labels(128, 3)[0];  // of the set with seed 1
  EXPECT_TRUE(has(ran.output, "first test image is a " + std::to_string(label))) << ran.output;
  EXPECT_TRUE(has(ran.output, "its label says " + std::to_string(label))) << ran.output;
#endif
}

TEST_F(SlowExamples, MnistGraphLearns) {
  const test::Ran ran = run("mnist_graph", {"100"});
  ASSERT_EQ(ran.code, 0) << ran.output;
  EXPECT_TRUE(has(ran.output, "step 0: loss = ")) << ran.output;
  const std::string result = "test accuracy = ";
  ASSERT_TRUE(has(ran.output, result)) << ran.output;
  EXPECT_GT(std::stod(ran.output.substr(ran.output.find(result) + result.size())), 0.9)
      << ran.output;
}

TEST_F(SlowExamples, FineTuningStartsFromAnotherRunsWeights) {
  // The same digits stand for clothes.
  const std::string checkpoint = (folder_ / "digits.safetensors").string();
  const test::Ran ran = run("fine_tuning", {"mnist", "mnist", checkpoint});
  ASSERT_EQ(ran.code, 0) << ran.output;
  EXPECT_TRUE(has(ran.output,
                  "12 tensors matched, 2 missing, 0 of another shape, 2 unused\n"
                  "  missing: clothes/bias\n"))
      << ran.output;
  EXPECT_TRUE(has(ran.output, "test accuracy = ")) << ran.output;
}

TEST_F(SlowExamples, OwnLayerLearns) {
  const test::Ran ran = run("own_layer", {"12"});
  ASSERT_EQ(ran.code, 0) << ran.output;
  const std::string result = "test accuracy = ";
  ASSERT_TRUE(has(ran.output, result)) << ran.output;
  EXPECT_GT(std::stod(ran.output.substr(ran.output.find(result) + result.size())), 0.9)
      << ran.output;
}

}  // namespace
}  // namespace evenkeel
