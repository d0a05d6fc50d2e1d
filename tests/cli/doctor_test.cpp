// SPDX-License-Identifier: Apache-2.0
// `doctor` and `train --doctor`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tiny_run.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string golden(const std::string& name) {
  return std::string(test::kSourceDir) + "/tests/golden/doctor/" + name + ".safetensors";
}

TEST(Doctor, LooksAtANetworkAboutToBeTrained) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 132, 20);
  const Outcome outcome = line.run({"doctor", "mnist-cnn", "--data-dir", "sets", "--batch", "64"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("mnist-cnn before training, on training images of mnist\n"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("warn  epsilon-exceeds-variance"),
                    HasSubstr("before the activation of conv2"), HasSubstr("decay-too-slow")));
  for (const std::string& each : lines_of(outcome.out)) EXPECT_LE(each.size(), 100U) << each;
  EXPECT_EQ(outcome.err, "");
}

TEST(Doctor, WithoutDataSaysWhatItDidNotLookAt) {
  CommandLine line;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"doctor", "mlp"}, {"doctor", "mlp", "--data", "none"}}) {
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out, "mlp before training\n\nnothing found\n");
    EXPECT_THAT(outcome.err, StartsWith("without data: --data NAME"));
  }
}

TEST(Doctor, FailsOnWhatIsAsSerious) {
  CommandLine line;
  const std::string warning = golden("torch-epsilon");
  const std::string error = golden("torch-never-updated");
  EXPECT_EQ(line.run({"doctor", warning}).code, 0);
  EXPECT_EQ(line.run({"doctor", warning, "--fail-on", "error"}).code, 0);
  EXPECT_EQ(line.run({"doctor", warning, "--fail-on", "warn"}).code, 1);
  EXPECT_EQ(line.run({"doctor", error}).code, 0);
  EXPECT_EQ(line.run({"doctor", error, "--fail-on", "error"}).code, 1);
  EXPECT_EQ(line.run({"doctor", golden("torch-bias"), "--fail-on", "warn"}).code, 0);
  EXPECT_EQ(line.run({"doctor", golden("tf1-healthy"), "--fail-on", "warn"}).code, 0);
}

TEST(Doctor, WrongUseIsTwoAndAMissingFileIsThree) {
  CommandLine line;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"doctor"},
           {"doctor", "mnist-cn"},
           {"doctor", "mlp", "--fail-on", "info"},
           {"doctor", "mlp", "--batch", "0"},
           {"doctor", "mlp", "--kernels", "fast"},
           {"doctor", golden("torch-healthy"), "--data", "mnist"}}) {
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 2) << words.back() << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_EQ(line.run({"doctor", "nowhere.safetensors"}).code, 3);
  EXPECT_EQ(line.run({"doctor", "."}).code, 3);
  EXPECT_EQ(line.run({"doctor", "mlp", "--data", "mnist", "--data-dir", "sets"}).code, 3);
  EXPECT_EQ(line.run({"doctor", golden("torch-healthy"), "--before", "nowhere"}).code, 3);
}

TEST(Doctor, JudgesTheRunThatANetworkWillHave) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 132, 20);
  const std::vector<std::string> words = {"doctor", "mlp", "--data-dir", "sets"};
  EXPECT_THAT(line.run(words).out, Not(HasSubstr("update-to-weight-ratio")));
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return line.run(more);
  };
  const Outcome outcome = with({"--optimizer", "sgd", "--lr", "1000"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("update-to-weight-ratio"));
  const Outcome wrong = with({"--optimizer", "sdg"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'sgd'?"));
  const Outcome plain = with({"--statistics-rule", "tensorflow", "--epochs", "1"});
  EXPECT_EQ(plain.code, 0) << plain.err;
}

TEST(Doctor, AFileHasSettledHowItsRunIsTrained) {
  CommandLine line;
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--lr", "0.1"}, {"--optimizer", "sgd"}, {"--nesterov"}, {"--seed", "2"}}) {
    std::vector<std::string> words = {"doctor", golden("torch-healthy")};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = line.run(words);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(more[0]), HasSubstr("a network's name")));
  }
}

TEST(Doctor, HoldsAFileAgainstAnEarlierOne) {
  CommandLine line;
  const Outcome outcome = line.run({"doctor", golden("torch-frozen-after"), "--before",
                                    golden("torch-frozen-before"), "--fail-on", "error"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("error frozen-that-is-not"));
}

TEST(Doctor, GoesOnWithADamagedCheckpointOfARun) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 2)).code, 0);
  const Outcome good = run.run({"doctor", "out", "--data-dir", "sets"});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.out, AllOf(StartsWith("out/step-00000030.safetensors: tiny after step 30, on "
                                         "training images of mnist\n"),
                              Not(HasSubstr("checksum-wrong"))));
  ByteVector bytes = run.bytes("out/step-00000030.safetensors");
  bytes[bytes.size() - 3] ^= std::byte{0x01};
  write_bytes(run.path("out/step-00000030.safetensors"), bytes);
  const Outcome damaged = run.run({"doctor", "out", "--data-dir", "sets", "--fail-on", "error"});
  EXPECT_EQ(damaged.code, 1);
  EXPECT_THAT(damaged.out, HasSubstr("error checksum-wrong"));
}

TEST(TrainWithDoctor, ExaminesBeforeAndAfterOnStderrAndChangesNoByte) {
  TinyRun run;
  const Outcome with = run.run(TinyRun::train("with", 2, {"--doctor"}));
  const Outcome without = run.run(TinyRun::train("without", 2));
  ASSERT_EQ(with.code, 0) << with.err;
  EXPECT_THAT(with.err, AllOf(HasSubstr("tiny before it trains, on training images of mnist\n"),
                              HasSubstr("tiny after training, on training images of mnist\n"),
                              HasSubstr("too-few-values-per-channel")));
  EXPECT_THAT(without.err, Not(HasSubstr("before it trains")));
  EXPECT_THAT(with.out, Not(HasSubstr("too-few-values-per-channel")));
  EXPECT_EQ(run.bytes("with/step-00000030.safetensors"),
            run.bytes("without/step-00000030.safetensors"));
}

TEST(TrainWithDoctor, FailOnStopsBeforeTraining) {
  TinyRun run;
  // The reference network itself has a warning: most variances are below its epsilon.
  write_idx_set(run.path("sets"), "mnist", 264, 20);
  const Outcome stopped = run.run({"train", "mnist-cnn", "--data-dir", "sets", "--data", "mnist",
                                   "--epochs", "1", "--batch", "32", "--doctor", "--fail-on",
                                   "warn", "--out", "stopped", "--threads", "1"});
  EXPECT_EQ(stopped.code, 1) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("epsilon-exceeds-variance"));
  EXPECT_FALSE(std::filesystem::exists(run.path("stopped")));
  EXPECT_EQ(run.run({"train", "mlp", "--fail-on", "warn", "--out", "alone"}).code, 2);
  EXPECT_EQ(run.run({"train", "mlp", "--doctor", "--fail-on", "info", "--out", "info"}).code, 2);
}

}  // namespace
}  // namespace evenkeel::test
