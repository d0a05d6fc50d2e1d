// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/fft2d.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(Fft2dShape, is_a_half_plane_of_complex_numbers) {
  EXPECT_EQ(infer(Fft2d{16, {2, 2}}, "f32[N,14,14,32]"), "f32[N,130,2,32]");
  EXPECT_EQ(infer(Fft2d{4, {0, 1}}, "f64[3,4,2,1]"), "f64[3,10,2,1]");
  EXPECT_EQ(infer(InverseFft2d{16, {2, 2}, {14, 14}}, "f32[N,130,2,32]"), "f32[N,14,14,32]");
  EXPECT_EQ(infer(InverseFft2d{4, {0, 0}, {4, 1}}, "f64[1,10,2,6]"), "f64[1,4,1,6]");
}

TEST(Fft2dShape, refuses_what_does_not_fit_its_field) {
  EXPECT_EQ(infer(Fft2d{16, {3, 0}}, "f32[N,14,14,1]"),
            "[fft2d] fft2d: expected pixels [14,14] that fit into a field of 16 from [3,0] on, "
            "got f32[N,14,14,1]");
  EXPECT_EQ(infer(Fft2d{16, {0, -1}}, "f32[N,2,2,1]"),
            "[fft2d] fft2d: expected pixels [2,2] that fit into a field of 16 from [0,-1] on, "
            "got f32[N,2,2,1]");
  EXPECT_EQ(infer(InverseFft2d{4, {0, 0}, {5, 1}}, "f32[N,10,2,1]"),
            "[inverse_fft2d] inverse_fft2d: expected pixels [5,1] that fit into a field of 4 from "
            "[0,0] on, got f32[N,10,2,1]");
  EXPECT_EQ(infer(InverseFft2d{4, {0, 0}, {4, 4}}, "f32[N,9,2,1]"),
            "[inverse_fft2d] inverse_fft2d: expected a spectrum [N,10,2,C] of size 4, got "
            "f32[N,9,2,1]");
}

TEST(Fft2dShape, refuses_sizes_that_are_none) {
  for (const std::int64_t size : {-2, 0, 1, 7, 5000})
    EXPECT_EQ(infer(Fft2d{size, {0, 0}}, "f32[N,1,1,1]"),
              "[fft2d] fft2d: expected an even size from 2 to 4096, not " + std::to_string(size) +
                  ", got f32[N,1,1,1]");
  EXPECT_EQ(infer(Fft2d{4, {0, 0}}, "u8[N,1,1,1]"),
            "[fft2d] fft2d: expected input 0 of dtype f32 or f64, got u8[N,1,1,1]");
}

// With the conjugates, each of the size^2 frequencies is there once.
TEST(Fft2dFrequencies, AreOneOfEachConjugatePair) {
  for (const std::int64_t size : {2, 4, 6, 8, 10, 16, 18}) {
    std::set<Pair> seen;
    for (std::int64_t index = 0; index < frequencies_of(size); ++index) {
      const auto [u, v] = frequency_at(size, index);
      EXPECT_TRUE(seen.insert({u, v}).second) << u << "," << v << " of " << size;
      const Pair conjugate = {(size - u) % size, (size - v) % size};
      if (conjugate != Pair{u, v}) {
        EXPECT_TRUE(seen.insert(conjugate).second);
      }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(size * size));
  }
}

}  // namespace
}  // namespace evenkeel::test
