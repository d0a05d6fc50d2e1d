// SPDX-License-Identifier: Apache-2.0
// `train --resume RUN/step-NNNNNNNN.safetensors`: the run leaves the course of later checkpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/train/metrics_log.h"
#include "evenkeel/train/run_folder.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;

constexpr const char* kLastOfCourse = "step-00000030.safetensors";
constexpr const char* kTenth = "out/step-00000010.safetensors";

// out/: checkpoints of steps 5, 10, 15, 20, 25 and 30.
class ResumeEarlier : public ::testing::Test {
 protected:
  ResumeEarlier() {
    trained_ = run_.run(TinyRun::train("out", 2, {"--save-every", "5", "--keep", "0"}));
  }
  void SetUp() override { ASSERT_EQ(trained_.code, 0) << trained_.err; }
  std::string text(const std::string& name) const {
    const ByteVector all = run_.bytes(name);
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }

  TinyRun run_;
  Outcome trained_;
};

TEST_F(ResumeEarlier, SetsLaterCheckpointsAsideAndSaysWhich) {
  const Outcome outcome = run_.run(TinyRun::resume(kTenth, {"--epochs", "1"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("goes on from step 10"), HasSubstr("moved to out/abandoned: "),
                    HasSubstr(kLastOfCourse), Not(HasSubstr("step-00000010.safetensors,"))));
  EXPECT_THAT(text("out/log.txt"), HasSubstr("moved to out/abandoned"));
  EXPECT_EQ(checkpoints_in(run_.path("out")).front(), checkpoint_path(run_.path("out"), 15));
  EXPECT_TRUE(fs::exists(run_.path("out/abandoned") / kLastOfCourse));
  EXPECT_THAT(read_metrics(run_.path("out")), Each(Field(&MetricsRow::step, Le(15))));
  const auto best = read_best(run_.path("out"));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->step, 15);
  // What was set aside is a folder of checkpoints like any other.
  EXPECT_EQ(run_.run({"evaluate", "out/abandoned", "--data-dir", "sets"}).code, 0);
}

TEST_F(ResumeEarlier, TheNextResumeGoesOnWithTheNewCourse) {
  const std::vector<std::string> slower = {"--lr", "0.0001"};
  auto words = TinyRun::resume(kTenth, slower);
  words.insert(words.end(), {"--epochs", "2", "--out", "branch"});
  ASSERT_EQ(run_.run(words).code, 0);
  EXPECT_TRUE(fs::exists(run_.path("out") / kLastOfCourse))
      << "another folder leaves this one as it is";
  EXPECT_FALSE(fs::exists(run_.path("out/abandoned")));

  words = TinyRun::resume(kTenth, slower);
  words.insert(words.end(), {"--epochs", "1"});
  ASSERT_EQ(run_.run(words).code, 0);
  const Outcome next = run_.run(TinyRun::resume("out", {"--epochs", "2"}));
  ASSERT_EQ(next.code, 0) << next.err;
  EXPECT_THAT(next.err, HasSubstr("going on from step 15"));
  EXPECT_EQ(run_.bytes(std::string("out/") + kLastOfCourse),
            run_.bytes(std::string("branch/") + kLastOfCourse));
  EXPECT_NE(run_.bytes(std::string("out/") + kLastOfCourse),
            run_.bytes(std::string("out/abandoned/") + kLastOfCourse));
}

TEST_F(ResumeEarlier, ADamagedCheckpointIsToldAndGoesOverNoneThatWasSetAside) {
  const std::string last = std::string("out/") + kLastOfCourse;
  const ByteVector good = run_.bytes(last);
  ASSERT_EQ(run_.run(TinyRun::resume(kTenth)).code, 0);
  fs::resize_file(run_.path(last), 1000);
  const Outcome outcome = run_.run(TinyRun::resume("out"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("goes on from step 25: damaged checkpoints were moved "
                                           "to out/abandoned: step-00000030.1.safetensors"),
                                 Not(HasSubstr("of later steps"))));
  EXPECT_EQ(run_.bytes(std::string("out/abandoned/") + kLastOfCourse), good);
  EXPECT_EQ(fs::file_size(run_.path("out/abandoned/step-00000030.1.safetensors")), 1000U);
  EXPECT_EQ(run_.bytes(last), good);
}

TEST_F(ResumeEarlier, WithNothingElseChangedComesToTheSameEnd) {
  const ByteVector last = run_.bytes(std::string("out/") + kLastOfCourse);
  const ByteVector best = run_.bytes("out/best.json");
  ASSERT_EQ(run_.run(TinyRun::resume("out/step-00000020.safetensors")).code, 0);
  EXPECT_EQ(run_.bytes(std::string("out/") + kLastOfCourse), last);
  EXPECT_EQ(run_.bytes("out/best.json"), best);
}

TEST_F(ResumeEarlier, WhereNoLookWasTakenYetNothingIsTheBest) {
  ASSERT_TRUE(fs::exists(run_.path("out/best.json")));
  const Outcome outcome =
      run_.run(TinyRun::resume("out/step-00000005.safetensors", {"--eval-every", "0"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_FALSE(fs::exists(run_.path("out/best.json")));
}

TEST_F(ResumeEarlier, TheNewestMovesNothing) {
  ASSERT_EQ(run_.run(TinyRun::resume(std::string("out/") + kLastOfCourse)).code, 0);
  ASSERT_EQ(run_.run(TinyRun::resume("out")).code, 0);
  EXPECT_FALSE(fs::exists(run_.path("out/abandoned")));
}

TEST_F(ResumeEarlier, WhatIsRefusedMovesNothing) {
  EXPECT_EQ(run_.run(TinyRun::resume(kTenth, {"--batch", "16"})).code, 2);
  EXPECT_FALSE(fs::exists(run_.path("out/abandoned")));
  EXPECT_TRUE(fs::exists(run_.path("out") / kLastOfCourse));
}

}  // namespace
}  // namespace evenkeel::test
