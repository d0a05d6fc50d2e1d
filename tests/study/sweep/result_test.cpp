// SPDX-License-Identifier: Apache-2.0
// What a run's folder says of it.
#include "evenkeel/study/sweep/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/study/sweep/sweeps.h"
#include "tests/support/idx_files.h"

namespace evenkeel::sweep {
namespace {

using test::kDoneLine;
using test::look_line;

class SweepResult : public ::testing::Test {
 protected:
  Result read(const std::string& metrics) {
    std::ofstream(folder_ / "metrics.jsonl") << metrics;
    return read_result(folder_.path());
  }
  test::TemporaryFolder folder_;
};

TEST_F(SweepResult, HasTheLooksAtValidationImages) {
  const Result result =
      read(look_line(1, 0.8, 0.5) +
           "{\"event\":\"evaluation\",\"split\":\"test\",\"step\":10,\"epoch\":1,\"loss\":0.1,"
           "\"accuracy\":0.99,\"images\":10,\"best\":false}\n" +
           look_line(2, 0.9, 0.4) + kDoneLine);
  ASSERT_EQ(result.looks.size(), 2U);
  EXPECT_EQ(result.looks[1].epoch, 2);
  EXPECT_DOUBLE_EQ(result.looks[1].accuracy, 0.9);
  EXPECT_TRUE(result.ended);
}

TEST_F(SweepResult, OfNoFolderIsNothing) {
  const Result result = read_result(folder_ / "nowhere");
  EXPECT_TRUE(result.looks.empty());
  EXPECT_FALSE(result.ended);
}

TEST_F(SweepResult, ALineCutShortIsLeftOut) {
  const Result result = read(look_line(1, 0.8, 0.5) + "{\"event\":\"evaluation\",\"split\":\"val");
  EXPECT_EQ(result.looks.size(), 1U);
  EXPECT_FALSE(result.ended);
}

TEST_F(SweepResult, SecondsOfSeveralProcessesAddUp) {
  const auto epoch = [](int seconds) {
    return "{\"event\":\"epoch\",\"step\":1,\"epoch\":1,\"loss\":1,\"accuracy\":0,"
           "\"images_per_second\":1,\"seconds\":" +
           std::to_string(seconds) + "}\n";
  };
  EXPECT_DOUBLE_EQ(read(epoch(3) + epoch(5) + epoch(2) + epoch(4)).seconds, 9);
}

TEST_F(SweepResult, TheBestLookIsTheFirstOfEquals) {
  const Result result =
      read(look_line(1, 0.9, 0.5) + look_line(2, 0.9, 0.4) + look_line(3, 0.8, 0.3));
  EXPECT_EQ(best_look(result, Metric::accuracy)->epoch, 1);
  EXPECT_EQ(best_look(result, Metric::loss)->epoch, 3);
  EXPECT_EQ(best_look(result, Metric::loss, 2)->epoch, 2);
  EXPECT_FALSE(best_look(result, Metric::loss, 0));
}

TEST_F(SweepResult, LooksThatAreNotFiniteAreNoBest) {
  const Result result = read(
      "{\"event\":\"evaluation\",\"split\":\"validation\",\"step\":1,\"epoch\":1,\"loss\":null,"
      "\"accuracy\":0.1,\"images\":10,\"best\":false}\n");
  ASSERT_EQ(result.looks.size(), 1U);
  EXPECT_TRUE(std::isnan(result.looks[0].loss));
  EXPECT_FALSE(best_look(result, Metric::loss));
  EXPECT_TRUE(best_look(result, Metric::accuracy));
}

TEST(SweepStatus, DivergenceIsToldFromOtherFailures) {
  EXPECT_EQ(status_of(0, ""), Status::done);
  EXPECT_EQ(status_of(1, "evenkeel: [conv1] first gave a value that is not finite"),
            Status::diverged);
  EXPECT_EQ(status_of(1, "evenkeel: [disk] is full"), Status::failed);
  EXPECT_EQ(status_of(2, "not finite"), Status::failed);
  EXPECT_EQ(status_of(137, ""), Status::failed);
}

TEST(SweepStatus, AnErrorIsItsFirstLine) {
  EXPECT_EQ(first_error("warning: x\nevenkeel: [a] b\nc\n"), "[a] b");
  EXPECT_EQ(first_error("something\nelse"), "something");
  EXPECT_EQ(first_error(""), "");
}

TEST(SweepStatus, IsReadBack) {
  for (const auto status :
       {Status::waiting, Status::unfinished, Status::done, Status::diverged, Status::failed})
    EXPECT_EQ(parse_status(to_string(status)), status);
  EXPECT_FALSE(parse_status("dnoe"));
}

}  // namespace
}  // namespace evenkeel::sweep
