// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/tiled_fft2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(TiledFft2dShape, has_every_tiles_frequencies) {
  EXPECT_EQ(infer(TiledFft2d{16, {2, 2}, {3, 4}, {12, 12}, {16, 16}}, "f32[N,36,40,32]"),
            "f32[N,1560,2,32]");
  EXPECT_EQ(infer(InverseTiledFft2d{16, {2, 2}, {3, 4}, {12, 12}, {16, 16}, {36, 40}},
                  "f64[2,1560,2,32]"),
            "f64[2,36,40,32]");
}

TEST(TiledFft2dShape, refuses_tiles_that_are_none) {
  const auto refused = [](const TiledFft2d& op, const std::string& wanted) {
    EXPECT_EQ(infer(op, "f32[N,9,9,1]"),
              "[tiled_fft2d] tiled_fft2d: expected " + wanted + ", got f32[N,9,9,1]");
  };
  refused({7, {0, 0}, {1, 1}, {1, 1}, {1, 1}}, "an even size from 2 to 4096, not 7");
  refused({8, {0, 0}, {0, 1}, {1, 1}, {1, 1}},
          "tiles and a step of at least 1 and at most 2^15, not [0,1] tiles, step [1,1]");
  refused({8, {0, 0}, {2, 2}, {4, 0}, {1, 1}},
          "tiles and a step of at least 1 and at most 2^15, not [2,2] tiles, step [4,0]");
  refused({8, {0, -1}, {1, 1}, {1, 1}, {1, 1}}, "a place from 0 to 2^15, not [0,-1]");
  refused({8, {0, 0}, {1, 1}, {1, 1}, {9, 1}}, "an extent within a field of 8, not [9,1]");
  EXPECT_EQ(infer(InverseTiledFft2d{4, {0, 0}, {2, 2}, {4, 4}, {4, 4}, {8, 8}}, "f32[N,10,2,1]"),
            "[inverse_tiled_fft2d] inverse_tiled_fft2d: expected a spectrum [N,40,2,C] of 4 tiles "
            "of size 4, got f32[N,10,2,1]");
  EXPECT_EQ(infer(InverseTiledFft2d{4, {0, 0}, {1, 1}, {4, 4}, {4, 4}, {0, 8}}, "f32[N,10,2,1]"),
            "[inverse_tiled_fft2d] inverse_tiled_fft2d: expected a map of at least 1 pixel, got "
            "f32[N,10,2,1]");
}

}  // namespace
}  // namespace evenkeel::test
