// SPDX-License-Identifier: Apache-2.0
// --isa: the instruction set of native kernels and of oneDNN's, forced from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/kernels/instruction_set.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A convolution for oneDNN, one for the frequencies, batch norm, dense layers.
void write_network(const std::filesystem::path& path) {
  const Model model = Sequential("two-convolutions", image(28, 28, 1).scale(1 / 255.0))
                          .conv2d(4, 3, {.padding = Padding::same, .activation = Activation::relu})
                          .max_pool2d(2)
                          .conv2d(8, 5, {.padding = Padding::same, .activation = Activation::relu})
                          .max_pool2d(2)
                          .flatten()
                          .batch_norm()
                          .dense(10)
                          .build();
  Trainer(model, softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 1}).save(path);
}

std::string instruction_set_of(const Outcome& outcome) {
  return json::parse(lines_of(outcome.out).at(0)).at("instruction_set");
}

TEST(Isa, EachOneTrainsAndEvaluatesAlike) {
  TinyRun run;
  write_network(run.path("start.safetensors"));
  std::vector<double> losses;
  for (const std::string& set : instruction_sets()) {
    SCOPED_TRACE(set);
    const Outcome trained = run.run(TinyRun::train(set, 1, {"--isa", set, "--json"}));
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(instruction_set_of(trained), set);
    const Outcome evaluated =
        run.run({"evaluate", set, "--data-dir", "sets", "--json", "--isa", set});
    ASSERT_EQ(evaluated.code, 0) << evaluated.err;
    losses.push_back(json::parse(evaluated.out).at("loss"));
    EXPECT_NEAR(losses.back(), losses.front(), 5e-3);
  }
}

TEST(Isa, TheLimitReachesOneDnn) {
  CommandLine line;
  line.set("ONEDNN_VERBOSE", "2");
  const Outcome outcome =
      line.run({"summary", "mnist-cnn", "--plan", "--kernels", "onednn", "--isa", "portable"});
  if (outcome.code == 2) GTEST_SKIP() << "built without oneDNN";
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("SSE4.1"));
}

TEST(Isa, IsKeptByAResumedRunUnlessAnotherIsAskedFor) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 1, {"--isa", "portable"})).code, 0);
  EXPECT_EQ(instruction_set_of(run.run(TinyRun::resume("out", {"--epochs", "2", "--json"}))),
            "portable");
  const Outcome best =
      run.run(TinyRun::resume("out", {"--epochs", "3", "--json", "--isa", instruction_sets()[0]}));
  EXPECT_EQ(instruction_set_of(best), instruction_sets()[0]);
}

TEST(Isa, IsThatOfEveryRunOfAComparison) {
  TinyRun run;
  const std::vector<std::string> words = {"compare", "mlp",    "--norm",  "none",       "--seeds",
                                          "1",       "--data", "mnist",   "--data-dir", "sets",
                                          "--batch", "8",      "--steps", "4",          "--out",
                                          "out",     "--isa",  "portable"};
  const Outcome outcome = run.run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const ByteVector bytes = run.bytes("out/study.json");
  EXPECT_EQ(json::parse(bytes.begin(), bytes.end()).at("isa"), "portable");
}

}  // namespace
}  // namespace evenkeel::test
