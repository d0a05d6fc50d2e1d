// SPDX-License-Identifier: Apache-2.0
// Wrong use ends with 2, and says what would have been right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using WrongWords = std::vector<std::string>;

struct WrongUse {
  WrongWords words;
  std::string text;  // part of what stderr says
};

TEST(WrongUse, EndsWithTwoAndNamesTheNearest) {
  const std::vector<WrongUse> cases = {
      {{}, "expected one of train, evaluate"},
      {{"trian"}, "did you mean 'train'?"},
      {{"data", "lst"}, "did you mean 'list'?"},
      {{"data", "fetch", "mnsit"}, "did you mean 'mnist'?"},
      {{"train", "mnist-cn"}, "did you mean 'mnist-cnn'?"},
      {{"train", "recipe.toml"}, "[recipe.toml] expected a recipe that can be read"},
      {{"train", "--dta", "x"}, "did you mean '--data'?"},
      {{"train", "--data", "mnsit"}, "did you mean 'mnist'?"},
      {{"train", "--kernels", "refrence"}, "did you mean 'reference'?"},
      {{"train", "--math", "exact"}, "expected one of strict, fast, got 'exact'"},
      {{"train", "--math", "fats"}, "did you mean 'fast'?"},
      {{"summary", "mnist-cnn", "--plan", "--math", "stric"}, "did you mean 'strict'?"},
      {{"doctor", "mnist-cnn", "--math", "x"}, "strict, fast"},
      {{"compare", "mlp", "--math", "x"}, "strict, fast"},
      {{"train", "--isa", "avx9"}, "expected one that this processor has"},
      {{"train", "--isa", "portabel"}, "did you mean 'portable'?"},
      {{"evaluate", "nowhere", "--isa", "altivec"}, "auto, "},
      {{"predict", "nowhere", "--isa", "altivec"}, "portable"},
      {{"summary", "mnist-cnn", "--isa", "altivec"}, "portable"},
      {{"doctor", "mnist-cnn", "--isa", "altivec"}, "portable"},
      {{"recalibrate", "nowhere", "--isa", "altivec"}, "portable"},
      {{"compare", "mlp", "--isa", "altivec"}, "portable"},
      {{"train", "--precision", "f16"}, "expected one of f32, f64"},
      {{"train", "--adam-form", "keras"}, "expected one of tensorflow, pytorch"},
      {{"train", "--statistics-rule", "tensorflw"}, "did you mean 'tensorflow'?"},
      {{"train", "mnist-cnn", "other"}, "unknown argument 'other'"},
      {{"evaluate"}, "checkpoint is required"},
      {{"evaluate", "nowhere", "--split", "tset"}, "did you mean 'test'?"},
      {{"evaluate", "nowhere", "--batch", "0"}, "--batch"},
      {{"summary", "mnist-cn"}, "did you mean 'mnist-cnn'?"},
      {{"summary", "mnist-cnn", "--batch", "0"}, "--batch"},
      {{"version", "--jsn"}, "did you mean '--json'?"},
  };
  CommandLine line;
  for (const WrongUse& wrong : cases) {
    const Outcome outcome = line.run(wrong.words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(wrong.text));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

TEST(WrongUse, NumbersThatMakeNoSense) {
  const std::vector<WrongWords> cases = {{"--batch", "0"},      {"--batch", "-1"},
                                         {"--batch", "ten"},    {"--batch", "1.5"},
                                         {"--epochs", "0"},     {"--epochs", "1e3"},
                                         {"--lr", "0"},         {"--lr", "-0.1"},
                                         {"--lr", "nan"},       {"--lr", "inf"},
                                         {"--seed", "-1"},      {"--seed", "x"},
                                         {"--threads", "0"},    {"--threads", "99999999999"},
                                         {"--log-every", "-1"}, {"--save-every", "-1"},
                                         {"--keep", "-1"}};
  CommandLine line;
  for (WrongWords words : cases) {
    words.insert(words.begin(), "train");
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 2) << words[1] << " " << words[2];
    EXPECT_THAT(outcome.err, HasSubstr(words[1]));
  }
}

TEST(WrongUse, BatchesThatDoNotFitTheDataLeaveNoFolder) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 24, 4);
  const WrongWords train = {"train", "--data-dir", "sets", "--batch"};
  WrongWords larger = train;
  larger.emplace_back("23");
  const Outcome outcome = line.run(larger);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("22 images"));
  WrongWords single = train;
  single.emplace_back("1");
  EXPECT_THAT(line.run(single).err, HasSubstr("[bn1] batch norm in training expected at least 2"));
  EXPECT_EQ(line.run(single).code, 2);
  EXPECT_FALSE(fs::exists(line.path("runs")));
}

TEST(WrongUse, AFolderThatIsTakenIsNotWrittenTo) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 24, 4);
  write_bytes(line.path("out") / "notes.txt", bytes_of("mine"));
  write_bytes(line.path("file"), bytes_of("mine"));
  for (const char* out : {"out", "file"}) {
    const Outcome outcome = line.run({"train", "--data-dir", "sets", "--batch", "8", "--out", out});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(std::string("--out")));
  }
  EXPECT_EQ(read_bytes(line.path("out") / "notes.txt"), bytes_of("mine"));
}

TEST(WrongUse, OutputThatCannotBeWrittenIsAFailure) {
  CommandLine line;
  const Outcome outcome =
      line.run_program({"/bin/sh", "-c", std::string(test::kBinary) + " version >/dev/full"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("standard output"));
}

TEST(WrongUse, FlagsThatWouldChangeNothing) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 132, 20);
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{{"--schedule-every", "5"},
                                             {"--schedule-factor", "0.5", "--schedule", "cosine"},
                                             {"--adam-form", "pytorch", "--optimizer", "sgd"},
                                             {"--nesterov"},
                                             {"--nesterov", "--optimizer", "rmsprop"},
                                             {"--momentum", "0.9"}}) {
    std::vector<std::string> words = {"train", "mlp",     "--data", "mnist", "--data-dir",
                                      "sets",  "--batch", "32",     "--out", "out"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 2) << flags[0];
    EXPECT_THAT(outcome.err, HasSubstr("[" + flags[0] + "]"));
    EXPECT_FALSE(std::filesystem::exists(line.path("out")));
  }
}

}  // namespace
}  // namespace evenkeel::test
