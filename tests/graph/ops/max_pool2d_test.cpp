// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/max_pool2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(MaxPool2dShape, gives_maxima_and_their_places) {
  EXPECT_EQ(infer(MaxPool2d{}, "f32[N,28,28,32]"), "f32[N,14,14,32], u8[N,14,14,32]");
  EXPECT_EQ(infer(MaxPool2d{}, "f64[3,7,5,1]"), "f64[3,3,2,1], u8[3,3,2,1]");
  EXPECT_EQ(infer(MaxPool2d{{3, 3}, {2, 2}, {1, 1, 1, 0}}, "f32[N,7,7,2]"),
            "f32[N,4,3,2], u8[N,4,3,2]");
}

TEST(MaxPool2dShape, refuses_a_window_of_padding_only) {
  EXPECT_EQ(infer(MaxPool2d{{2, 2}, {1, 1}, {2, 0, 0, 0}}, "f32[N,4,4,1]"),
            "[max_pool2d] max_pool2d: expected each window [2,2] to meet the image, not only its "
            "padding, got f32[N,4,4,1]");
  EXPECT_EQ(infer(MaxPool2d{{2, 2}, {1, 1}, {0, 0, 0, 2}}, "f32[N,4,4,1]"),
            "[max_pool2d] max_pool2d: expected each window [2,2] to meet the image, not only its "
            "padding, got f32[N,4,4,1]");
}

TEST(MaxPool2dShape, has_wider_places_where_a_byte_does_not_tell_them_apart) {
  EXPECT_EQ(infer(MaxPool2d{{16, 16}, {1, 1}, {}}, "f32[1,16,16,1]"), "f32[1,1,1,1], u8[1,1,1,1]");
  EXPECT_EQ(infer(MaxPool2d{{16, 17}, {1, 1}, {}}, "f32[1,17,17,1]"), "f32[1,2,1,1], i32[1,2,1,1]");
  EXPECT_EQ(infer(MaxPool2dGrad{{16, 17}, {1, 1}, {}, {17, 17}}, "f32[1,2,1,1], i32[1,2,1,1]"),
            "f32[1,17,17,1]");
}

TEST(MaxPool2dGradShape, is_the_image_of_the_given_size) {
  const MaxPool2dGrad grad = {{2, 2}, {2, 2}, {}, {7, 6}};
  EXPECT_EQ(infer(grad, "f32[N,3,3,2], u8[N,3,3,2]"), "f32[N,7,6,2]");
  EXPECT_EQ(infer(grad, "f32[N,3,3,2], u8[N,3,3,1]"),
            "[max_pool2d_grad] max_pool2d_grad: expected input 1 of type u8[N,3,3,2], got "
            "f32[N,3,3,2], u8[N,3,3,1]");
  EXPECT_EQ(infer(grad, "f32[N,3,2,2], u8[N,3,2,2]"),
            "[max_pool2d_grad] max_pool2d_grad: expected an output gradient with P, Q = [3,3], got "
            "f32[N,3,2,2], u8[N,3,2,2]");
}

TEST(MaxPool2dGradient, reads_the_places_and_not_the_image) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,5,4,2]} : f32[N,5,4,2]
%p, %p.1 = max_pool2d %x : f32[N,2,2,2], u8[N,2,2,2]
%loss = mean %p : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %p : f32[N,2,2,2]
%p/grad = max_pool2d_grad %loss/grad, %p.1 {window [2,2], stride [2,2], padding [0,0,0,0], size [5,4]} : f32[N,5,4,2]
-> %p/grad
)");
}

}  // namespace
}  // namespace evenkeel::test
