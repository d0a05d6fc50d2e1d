// SPDX-License-Identifier: Apache-2.0
#include "bench/report/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/bench/report.h"

namespace evenkeel::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BenchCheck, ARatioIsToOneDnnOrToTheRoofline) {
  const KernelReport here = report();
  const Ratio to_onednn = ratio_of(here.timings[0], here.limits.at(1));
  EXPECT_EQ(to_onednn.against, "oneDNN");
  EXPECT_DOUBLE_EQ(to_onednn.value, 0.5);
  const Ratio to_limits = ratio_of(here.timings[1], here.limits.at(2));
  EXPECT_EQ(to_limits.against, "roofline");
  EXPECT_DOUBLE_EQ(to_limits.value, 1 / 0.6);
}

TEST(BenchCheck, EqualTimesAreNotSlower) {
  const Verdict verdict = check(report(), record_of(report(), 0.3));
  EXPECT_TRUE(verdict.comparable);
  EXPECT_TRUE(verdict.slower.empty());
  EXPECT_EQ(verdict.text, "0 of 3 kernels are slower than recorded by more than 30 %\n");
}

TEST(BenchCheck, NamesWhatTakesLongerThanTheTolerance) {
  const Record record = record_of(report(), 0.3);
  KernelReport later = report();
  later.timings[0].native.best_ms *= 1.29;
  later.timings[2].native.best_ms *= 1.31;
  const Verdict verdict = check(later, record);
  EXPECT_THAT(verdict.slower, ElementsAre("native/adam, 2x3 -> 2x4, 1 thread"));
  EXPECT_THAT(verdict.text, HasSubstr("slower: native/adam, 2x3 -> 2x4, 1 thread: "));
  EXPECT_THAT(verdict.text, HasSubstr("1 of 3"));
}

// A processor that runs at half the speed today makes no kernel slower than it was.
TEST(BenchCheck, IsNotOfHowFastTheMachineIs) {
  const Record record = record_of(report(), 0.1);
  KernelReport later = report();
  for (auto& [threads, limits] : later.limits) {
    limits.gflops /= 2;
    for (MemoryLevel& level : limits.levels) level.gigabytes_s /= 2;
  }
  for (Timing& timing : later.timings) {
    timing.native.best_ms *= 2;
    if (timing.onednn) timing.onednn->best_ms *= 2;
  }
  EXPECT_TRUE(check(later, record).slower.empty());
}

TEST(BenchCheck, ComparesNothingOfAnotherMachine) {
  Record record = record_of(report(), 0.3);
  record.cpu = "Another processor";
  KernelReport later = report();
  later.timings[0].native.best_ms *= 100;
  const Verdict verdict = check(later, record);
  EXPECT_FALSE(verdict.comparable);
  EXPECT_TRUE(verdict.slower.empty());
  EXPECT_EQ(verdict.text,
            "the record is of Another processor, avx2, this is A processor, avx2: nothing to "
            "compare\n");
  record = record_of(report(), 0.3);
  record.instruction_set = "avx512";
  EXPECT_FALSE(check(later, record).comparable);
}

TEST(BenchCheck, SaysWhatHasNoRecord) {
  Record record = record_of(report(), 0.3);
  record.ratios.erase("native/adam, 2x3 -> 2x4, 1 thread");
  record.ratios.at("native/matmul, 2x3 -> 2x4, 1 thread").against = "roofline";
  const Verdict verdict = check(report(), record);
  EXPECT_THAT(verdict.text, HasSubstr("no record: native/adam, 2x3 -> 2x4, 1 thread\n"));
  EXPECT_THAT(verdict.text, HasSubstr("no record: native/matmul, 2x3 -> 2x4, 1 thread\n"));
  EXPECT_THAT(verdict.text, HasSubstr("0 of 1 kernels"));
}

TEST(BenchCheck, ARecordIsReadAsItWasWritten) {
  const Record record = record_of(report(), 0.25);
  const Record again = record_from_json("here", to_json(record));
  EXPECT_EQ(again.cpu, record.cpu);
  EXPECT_EQ(again.tolerance, 0.25);
  ASSERT_EQ(again.ratios.size(), 3U);
  for (const auto& [key, ratio] : record.ratios) {
    EXPECT_EQ(again.ratios.at(key).against, ratio.against);
    EXPECT_DOUBLE_EQ(again.ratios.at(key).value, ratio.value);
  }
  for (const char* text : {"", "{}", R"({"cpu":1})"})
    EXPECT_THROW(record_from_json("here", text), DataError);
}

}  // namespace
}  // namespace evenkeel::bench
