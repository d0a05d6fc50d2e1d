// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reshape.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ReshapeShape, keeps_the_elements_of_a_sample) {
  EXPECT_EQ(infer(Reshape{{kBatch, 3136}}, "f32[N,7,7,64]"), "f32[N,3136]");
  EXPECT_EQ(infer(Reshape{{kBatch}}, "i32[N,1]"), "i32[N]");
}

TEST(ReshapeShape, takes_the_batch_of_a_bound_input) {
  EXPECT_EQ(infer(Reshape{{kBatch, 3136}}, "f32[128,7,7,64]"), "f32[128,3136]");
}

TEST(ReshapeShape, keeps_all_elements_where_no_batch_is_named) {
  EXPECT_EQ(infer(Reshape{{2, 6}}, "f32[3,4]"), "f32[2,6]");
  EXPECT_EQ(infer(Reshape{{}}, "f32[1,1]"), "f32[]");
}

TEST(ReshapeShape, refuses_another_number_of_elements) {
  EXPECT_EQ(infer(Reshape{{kBatch, 10}}, "f32[N,3,4]"),
            "[reshape] reshape: expected as many elements a sample as [N,10], got f32[N,3,4]");
  EXPECT_EQ(infer(Reshape{{2, 5}}, "f32[3,4]"),
            "[reshape] reshape: expected as many elements as [2,5], got f32[3,4]");
  EXPECT_EQ(infer(Reshape{{12}}, "f32[N,12]"),
            "[reshape] reshape: expected as many elements as [12], got f32[N,12]");
  EXPECT_EQ(infer(Reshape{{kBatch, 1}}, "f32[]"),
            "[reshape] reshape: expected as many elements a sample as [N,1], got f32[]");
}

TEST(ReshapeShape, refuses_dimensions_without_sense) {
  EXPECT_EQ(infer(Reshape{{4, 0}}, "f32[3,4]"),
            "[reshape] reshape: expected a shape with dimensions of at least 1, not [4,0], got "
            "f32[3,4]");
  constexpr std::int64_t kHuge = std::int64_t{1} << 32;
  EXPECT_NE(infer(Reshape{{kHuge, kHuge}}, "f32[3,4]").find("expected a shape"), std::string::npos);
}

TEST(ReshapeGradient, reshapes_back) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,2,3]} : f32[N,2,3]
%y = reshape %x {shape [N,6]} : f32[N,6]
%loss = mean %y : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,6]
%y/grad = reshape %loss/grad {shape [N,2,3]} : f32[N,2,3]
-> %y/grad
)");
}

}  // namespace
}  // namespace evenkeel::test
