// SPDX-License-Identifier: Apache-2.0
#include "bench/report/scaling_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"

namespace evenkeel::bench {
namespace {

using ::testing::HasSubstr;

ScalingReport report() {
  return {"A processor",
          "avx2",
          {{"batch", "mnist-cnn", 1, 1, 1, 60, 90.4, 50},
           {"batch", "mnist-cnn", 1, 1, 2, 70, 80, 60},
           {"batch", "mnist-cnn", 2, 2, 1, 110, 170, 51},
           {"width", "mlp", 64, 128, 1, 8000, 9000, 40}}};
}

TEST(ScalingReport, ATableForEachSeries) {
  EXPECT_EQ(to_markdown(report()),
            "A processor, avx2\n"
            "\nmnist-cnn by batch\n\n"
            "| batch | images/s, 1 thread | images/s, 2 threads | peak MB, 1 thread | peak MB, 2 "
            "threads |\n|---|---|---|---|---|\n"
            "| 1 | 90 | 80 | 50 | 60 |\n"
            "| 2 | 170 | - | 51 | - |\n"
            "\nmlp by width, batch 128\n\n"
            "| width | images/s, 1 thread | peak MB, 1 thread |\n|---|---|---|\n"
            "| 64 | 9000 | 40 |\n");
}

TEST(ScalingReport, JsonHasEveryPoint) {
  const auto json = nlohmann::json::parse(to_json(report()));
  EXPECT_EQ(json.at("cpu"), "A processor");
  ASSERT_EQ(json.at("points").size(), 4U);
  EXPECT_EQ(json.at("points").at(3).at("best_images_s"), 9000);
}

TEST(ScalingReport, APointIsReadFromItsLine) {
  const ScalingPoint point = report().points[3];
  const ScalingPoint again = point_from_line(to_line(point));
  EXPECT_EQ(to_line(again), to_line(point));
  EXPECT_THROW(point_from_line("killed"), DataError);
}

}  // namespace
}  // namespace evenkeel::bench
