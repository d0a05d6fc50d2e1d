// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/matmul.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(MatMulShape, follows_its_transpositions) {
  EXPECT_EQ(infer(MatMul{}, "f32[N,3136], f32[3136,1024]"), "f32[N,1024]");
  EXPECT_EQ(infer(MatMul{false, true}, "f64[2,3], f64[4,3]"), "f64[2,4]");
  EXPECT_EQ(infer(MatMul{true, false}, "f64[3,2], f64[3,4]"), "f64[2,4]");
  EXPECT_EQ(infer(MatMul{true, true}, "f64[3,2], f64[4,3]"), "f64[2,4]");
}

TEST(MatMulShape, contracts_over_the_batch) {
  EXPECT_EQ(infer(MatMul{true, false}, "f32[N,5], f32[N,7]"), "f32[5,7]");
}

TEST(MatMulShape, takes_factors_in_bf16) {
  EXPECT_EQ(infer(MatMul{}, "f32[N,3], bf16[3,5]"), "f32[N,5]");
  EXPECT_EQ(infer(MatMul{}, "bf16[N,3], f64[3,5]"), "f64[N,5]");
  EXPECT_EQ(infer(MatMul{}, "bf16[N,3], bf16[3,5]"), "f32[N,5]");
  EXPECT_EQ(infer(MatMul{}, "f32[N,3], bf16[3]"),
            "[matmul] matmul: expected input 1 of rank 2, got f32[N,3], bf16[3]");
  EXPECT_EQ(infer(MatMul{}, "f32[N,3], u8[3,5]"),
            "[matmul] matmul: expected input 1 of dtype f32 or f64, got f32[N,3], u8[3,5]");
}

TEST(MatMulShape, refuses_what_has_no_product) {
  EXPECT_EQ(infer(MatMul{}, "f32[N,3], f32[4,5]"),
            "[matmul] matmul: expected factors [M,C] and [C,K] of one C, got f32[N,3], f32[4,5]");
  EXPECT_EQ(infer(MatMul{true, true}, "f32[3,2], f32[4,5]"),
            "[matmul] matmul: expected factors [M,C] and [C,K] of one C, the first transposed, the "
            "second transposed, got f32[3,2], f32[4,5]");
  EXPECT_EQ(infer(MatMul{true, false}, "f32[N,5], f32[8,7]"),
            "[matmul] matmul: expected factors [M,C] and [C,K] of one C, the first transposed, got "
            "f32[N,5], f32[8,7]");
  EXPECT_EQ(infer(MatMul{false, true}, "f32[2,3], f32[N,3]"),
            "[matmul] matmul: expected the batch as rows of the product, not as its columns, got "
            "f32[2,3], f32[N,3]");
  EXPECT_EQ(infer(MatMul{}, "f32[N,3], f64[3,5]"),
            "[matmul] matmul: expected factors of one dtype, got f32[N,3], f64[3,5]");
  EXPECT_EQ(infer(MatMul{}, "f32[N,3,1], f32[3,5]"),
            "[matmul] matmul: expected input 0 of rank 2, got f32[N,3,1], f32[3,5]");
}

std::string gradient_of(const std::string& a, const std::string& b, const std::string& flags) {
  const std::string text =
      differentiate("graph g\n%a = input {type f64" + a + "} : f64" + a + "\n%b = input {type f64" +
                        b + "} : f64" + b + "\n%y = matmul %a, %b {" + flags +
                        "} : f64[2,4]\n%loss = mean %y : f64[]\n",
                    {"a", "b"});
  return text.substr(text.find("%y/"));
}

TEST(MatMulGradient, covers_all_four_transpositions) {
  EXPECT_EQ(gradient_of("[2,3]", "[3,4]", "transpose_a false, transpose_b false"),
            R"(%y/grad_a = matmul %loss/grad, %b {transpose_a false, transpose_b true} : f64[2,3]
%y/grad_b = matmul %a, %loss/grad {transpose_a true, transpose_b false} : f64[3,4]
-> %y/grad_a %y/grad_b
)");
  EXPECT_EQ(gradient_of("[3,2]", "[3,4]", "transpose_a true, transpose_b false"),
            R"(%y/grad_a = matmul %b, %loss/grad {transpose_a false, transpose_b true} : f64[3,2]
%y/grad_b = matmul %a, %loss/grad {transpose_a false, transpose_b false} : f64[3,4]
-> %y/grad_a %y/grad_b
)");
  EXPECT_EQ(gradient_of("[2,3]", "[4,3]", "transpose_a false, transpose_b true"),
            R"(%y/grad_a = matmul %loss/grad, %b {transpose_a false, transpose_b false} : f64[2,3]
%y/grad_b = matmul %loss/grad, %a {transpose_a true, transpose_b false} : f64[4,3]
-> %y/grad_a %y/grad_b
)");
  EXPECT_EQ(gradient_of("[3,2]", "[4,3]", "transpose_a true, transpose_b true"),
            R"(%y/grad_a = matmul %b, %loss/grad {transpose_a true, transpose_b true} : f64[3,2]
%y/grad_b = matmul %loss/grad, %a {transpose_a true, transpose_b true} : f64[4,3]
-> %y/grad_a %y/grad_b
)");
}

TEST(MatMulGradient, stops_at_a_cast) {
  const std::string graph =
      "graph g\n%a = input {type f32[2,3]} : f32[2,3]\n%b = input {type f32[3,4]} : f32[3,4]\n"
      "%c = cast %b {dtype bf16} : bf16[3,4]\n"
      "%y = matmul %a, %c {transpose_a false, transpose_b false} : f32[2,4]\n"
      "%loss = mean %y : f32[]\n";
  EXPECT_EQ(differentiate(graph, {"b"}), "[c] cast: has no gradient");
  EXPECT_NE(differentiate(graph, {"a"}).find("%y/grad_a = matmul %loss/grad, %c"),
            std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
