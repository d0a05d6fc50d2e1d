// SPDX-License-Identifier: Apache-2.0
// Fine-tuning by flags: --init-from and --freeze.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/train/checkpoint.h"
#include "tests/cli/recipe_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A convolution, a batch norm and this head.
std::string recipe_with_head(const std::string& head) {
  return R"([model]
name = "fine"
layers = [
  {type = "conv2d", filters = 4, kernel = 3, stride = 2, activation = "relu"},
  {type = "max_pool2d", window = 4},
  {type = "flatten"},
  {type = "batch_norm"},
  )" + head +
         R"(
]
[data]
name = "mnist"
[train]
epochs = 1
batch = 8
)";
}

class InitFrom : public ::testing::Test {
 protected:
  InitFrom() {
    line_.write("digits.toml", recipe_with_head(R"({type = "dense", units = 10})"));
    line_.write("clothes.toml",
                recipe_with_head(R"({type = "dense", units = 16, activation = "relu"},
  {type = "dense", units = 10})"));
    EXPECT_EQ(line_.train("digits.toml", "digits", {"--quiet"}).code, 0);
  }
  std::map<std::string, Tensor> tensors(const std::string& run) const {
    return Checkpoint::read(line_.path(run) / "step-00000015.safetensors").tensors;
  }

  RecipeRun line_;
};

TEST_F(InitFrom, TakesWhatMatchesAndTellsWhatDoesNot) {
  const Outcome outcome = line_.train("clothes.toml", "clothes", {"--init-from", "digits"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string said =
      "starting from digits/step-00000015.safetensors: 7 tensors matched, 2 missing, 2 of another "
      "shape, 0 unused\n"
      "  missing: dense2/bias\n"
      "  missing: dense2/kernel\n"
      "  of another shape: dense1/bias [16], there [10]\n"
      "  of another shape: dense1/kernel [36,16], there [36,10]\n";
  EXPECT_THAT(outcome.err, HasSubstr(said));
  EXPECT_THAT(line_.text("clothes/log.txt"), HasSubstr("7 tensors matched"));
  EXPECT_THAT(line_.text("clothes/recipe.toml"), HasSubstr("init_from = \"digits\""));
  // Nothing is frozen, so all of it trains.
  EXPECT_NE(tensors("clothes").at("conv1/kernel"), tensors("digits").at("conv1/kernel"));
}

TEST_F(InitFrom, TellsItToProgramsToo) {
  const Outcome outcome = line_.train(
      "clothes.toml", "clothes", {"--json", "--init-from", "digits/step-00000015.safetensors"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto told = nlohmann::json::parse(lines_of(outcome.out).front());
  EXPECT_EQ(told.at("event"), "initialised");
  EXPECT_EQ(told.at("matched"), 7);
  EXPECT_EQ(told.at("missing"), nlohmann::json({"dense2/bias", "dense2/kernel"}));
  EXPECT_EQ(told.at("other_shapes"), nlohmann::json({"dense1/bias", "dense1/kernel"}));
  EXPECT_EQ(told.at("unused"), nlohmann::json::array());
}

TEST_F(InitFrom, FrozenLayersStayAsTheCheckpointHasThem) {
  const Outcome outcome =
      line_.train("clothes.toml", "clothes", {"--init-from", "digits", "--freeze", "conv*,bn1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto before = tensors("digits");
  const auto after = tensors("clothes");
  for (const char* name : {"conv1/kernel", "conv1/bias", "bn1/gamma", "bn1/beta", "bn1/moving_mean",
                           "bn1/moving_variance"})
    EXPECT_EQ(after.at(name), before.at(name)) << name;
  EXPECT_THAT(line_.text("clothes/recipe.toml"), HasSubstr("freeze = [\"conv*\", \"bn1\"]"));
}

TEST_F(InitFrom, APatternOfNoLayerIsRefusedWithTheLayersThereAre) {
  const Outcome outcome =
      line_.train("clothes.toml", "clothes", {"--init-from", "digits", "--freeze", "attention*"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("[attention*] expected a pattern of layers' names"),
                                 HasSubstr("'conv1', 'bn1', 'dense1', 'dense2'")));
  const Outcome near = line_.train("clothes.toml", "clothes", {"--freeze", "konv*"});
  EXPECT_EQ(near.code, 2);
  EXPECT_THAT(near.err, HasSubstr("did you mean 'conv1'"));
  EXPECT_FALSE(fs::exists(line_.path("clothes")));
}

TEST_F(InitFrom, ACheckpointOfWhichNothingMatchesIsRefused) {
  line_.write("other.toml", R"([model]
name = "other"
layers = [{type = "flatten"}, {type = "dense", units = 10, name = "head"}]
[data]
name = "mnist"
[train]
batch = 8
)");
  const Outcome outcome = line_.train("other.toml", "other", {"--init-from", "digits"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("digits/step-00000015.safetensors"),
                                 HasSubstr("found none"), Not(HasSubstr("warning"))));
  EXPECT_FALSE(fs::exists(line_.path("other")));
}

}  // namespace
}  // namespace evenkeel::test
