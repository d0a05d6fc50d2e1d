// SPDX-License-Identifier: Apache-2.0
// What the benches say of times, with times made up.
#include "bench/report/kernel_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/bench/report.h"

namespace evenkeel::bench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(KernelReport, RatesAreOfTheBestTime) {
  const Timing t = timing("native/matmul", 1, 4, 2);
  EXPECT_DOUBLE_EQ(gflops(t), 60);      // 120 M operations in 2 ms
  EXPECT_DOUBLE_EQ(gigabytes_s(t), 6);  // 12 MB
}

TEST(KernelReport, TheRooflineIsTheLowerOfArithmeticAndTheOperandsLevel) {
  const Limits limits = report().limits.at(1);
  Timing t = timing("native/matmul", 1, 2, 2);
  EXPECT_EQ(level_of(t, limits).name, "memory");
  EXPECT_DOUBLE_EQ(roofline_share(t, limits), 0.6);  // 60 of 100 GFLOP/s, 6 of 20 GB/s
  t.flops = 0;
  EXPECT_DOUBLE_EQ(roofline_share(t, limits), 0.3);
  t.bytes = 5e5;  // 0.25 of 50 GB/s
  EXPECT_EQ(level_of(t, limits).name, "L2");
  EXPECT_DOUBLE_EQ(roofline_share(t, limits), 0.005);
}

TEST(KernelReport, ATableHasARowForEachCall) {
  const std::string text = to_markdown(report());
  EXPECT_THAT(text, HasSubstr("A processor, avx2"));
  EXPECT_THAT(text, HasSubstr("| 1 | 100 | 50.0 | 20.0 |\n| 2 | 200 | 100 | 30.0 |"));
  EXPECT_THAT(text,
              HasSubstr("| mnist-cnn | native/matmul | 2x3 -> 2x4 | 4.00 (2.00) | 2.00 (1.00) | "
                        "5.00 (4.00) | - | 900 | 60.0 | 6.00 | 60 % memory | 60 % memory |\n"));
  EXPECT_THAT(
      text, HasSubstr("| mnist-cnn | native/adam | 2x3 -> 2x4 | 0.500 (0.250) | - | - | - | - |"));
}

TEST(KernelReport, JsonHasWhatTheTableHas) {
  const json parsed = json::parse(to_json(report()));
  EXPECT_EQ(parsed.at("cpu"), "A processor");
  EXPECT_EQ(parsed.at("instruction_set"), "avx2");
  EXPECT_EQ(parsed.at("limits").at(1).at("threads"), 2);
  EXPECT_EQ(parsed.at("limits").at(1).at("levels").at(0).at("gigabytes_s"), 100);
  const json& first = parsed.at("timings").at(0);
  EXPECT_EQ(first.at("kernel"), "native/matmul");
  EXPECT_EQ(first.at("native").at("median_ms"), 4);
  EXPECT_EQ(first.at("onednn").at("best_ms"), 4);
  EXPECT_EQ(first.at("gflops"), 60);
  EXPECT_TRUE(parsed.at("timings").at(2).at("onednn").is_null());
}

}  // namespace
}  // namespace evenkeel::bench
