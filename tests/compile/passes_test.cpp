// SPDX-License-Identifier: Apache-2.0
// Passes, text in and text out; and on random networks the same numbers before and after.
#include <gtest/gtest.h>

#include "evenkeel/compile/common_subexpressions.h"
#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/fold_batch_norm.h"
#include "evenkeel/compile/fuse_epilogue.h"
#include "evenkeel/compile/fuse_pooling.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/simplify.h"
#include "evenkeel/compile/sink_relu_grad.h"
#include "evenkeel/compile/split_statistics.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "tests/support/feeds.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

using PassFunction = Graph (*)(const Graph&);

void check(PassFunction pass, const std::string& before, const std::string& after) {
  const std::string result = to_text(remove_dead_code(pass(parse_graph(before))));
  EXPECT_EQ(result, to_text(parse_graph(after))) << "input:\n" << before;
}

TEST(Simplify, RemovesNeutralScalesAndReshapesOfReshapes) {
  check(simplify,
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%s = scale %x {factor 1, dtype f32} : f32[N,4]\n"
        "%a = reshape %s {shape [N,2,2]} : f32[N,2,2]\n"
        "%b = reshape %a {shape [N,4,1]} : f32[N,4,1]\n"
        "%c = reshape %b {shape [N,4]} : f32[N,4]\n"
        "output y = %c\noutput z = %b\n",
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%b = reshape %x {shape [N,4,1]} : f32[N,4,1]\n"
        "output y = %x\noutput z = %b\n");
}

TEST(Simplify, RemovesTransposesThatCancelAndJoinsOthers) {
  check(simplify,
        "graph g\n"
        "%x = input {type f32[N,2,3,4]} : f32[N,2,3,4]\n"
        "%a = transpose %x {axes [0, 2, 3, 1]} : f32[N,3,4,2]\n"
        "%b = transpose %a {axes [0, 3, 1, 2]} : f32[N,2,3,4]\n"
        "%c = transpose %a {axes [0, 2, 1, 3]} : f32[N,4,3,2]\n"
        "%d = transpose %x {axes [0, 1, 2, 3]} : f32[N,2,3,4]\n"
        "%e = transpose %c {axes [0, 3, 2, 1]} : f32[N,2,3,4]\n"
        "output b = %b\noutput c = %c\noutput d = %d\noutput e = %e\n",
        "graph g\n"
        "%x = input {type f32[N,2,3,4]} : f32[N,2,3,4]\n"
        "%c = transpose %x {axes [0, 3, 2, 1]} : f32[N,4,3,2]\n"
        "output b = %x\noutput c = %c\noutput d = %x\noutput e = %x\n");
}

TEST(ToTraining, FrozenBatchNormIsAsInInferenceAndUpdatesNothing) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,2]} : f32[N,2]\n"
      "@g = state {type f32[2], role gamma, initializer ones, value 0, frozen true} : f32[2]\n"
      "@b = state {type f32[2], role beta, initializer zeros, value 0, frozen true} : f32[2]\n"
      "@m = state {type f32[2], role statistic, initializer zeros, value 0} : f32[2]\n"
      "@v = state {type f32[2], role statistic, initializer ones, value 0} : f32[2]\n"
      "@n = state {type i64[], role statistic, initializer zeros, value 0} : i64[]\n"
      "%y = batch_norm %x, @g, @b, @m, @v, @n {epsilon 0.001, keep 0.99, count_weighted true, "
      "variance population, frozen true} : f32[N,2]\n"
      "output y = %y\n";
  const Graph graph = parse_graph(text);
  EXPECT_EQ(to_text(graph), text);
  EXPECT_EQ(to_training(graph), to_inference(graph));
  EXPECT_TRUE(to_training(graph).updates().empty());
  EXPECT_TRUE(trained_states(graph).empty());
}

TEST(Simplify, AddsTwoBiasesInARowBeforehand) {
  check(simplify,
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%a = input {type f32[4]} : f32[4]\n"
        "%b = input {type f32[4]} : f32[4]\n"
        "%y = bias_add %x, %a : f32[N,4]\n"
        "%z = bias_add %y, %b : f32[N,4]\n"
        "output z = %z\n",
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%a = input {type f32[4]} : f32[4]\n"
        "%b = input {type f32[4]} : f32[4]\n"
        "%z/sum = add %a, %b : f32[4]\n"
        "%z = bias_add %x, %z/sum : f32[N,4]\n"
        "output z = %z\n");
}

TEST(ShareCommonSubexpressions, KeepsNodesApartThatDifferInOneAttribute) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,4]} : f32[N,4]\n"
      "%a = scale %x {factor 2, dtype f32} : f32[N,4]\n"
      "%b = scale %x {factor 3, dtype f32} : f32[N,4]\n"
      "%y = add %a, %b : f32[N,4]\n"
      "output y = %y\n";
  check(share_common_subexpressions, text, text);
}

TEST(ShareCommonSubexpressions, ComputesEqualNodesOnce) {
  check(share_common_subexpressions,
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%a = relu %x : f32[N,4]\n"
        "%b = relu %x : f32[N,4]\n"
        "%y = add %a, %b : f32[N,4]\n"
        "output y = %y\n",
        "graph g\n"
        "%x = input {type f32[N,4]} : f32[N,4]\n"
        "%a = relu %x : f32[N,4]\n"
        "%y = add %a, %a : f32[N,4]\n"
        "output y = %y\n");
}

TEST(SinkReluGrad, MasksThePooledGradientInstead) {
  const std::string head =
      "graph g\n"
      "%x = input {type f32[N,4,4,1]} : f32[N,4,4,1]\n"
      "%g = input {type f32[N,2,2,1]} : f32[N,2,2,1]\n"
      "%r = relu %x : f32[N,4,4,1]\n"
      "%p, %p.1 = max_pool2d %r {window [2,2], stride [2,2], padding [0,0,0,0]} : "
      "f32[N,2,2,1], u8[N,2,2,1]\n";
  check(sink_relu_grad,
        head +
            "%u = max_pool2d_grad %g, %p.1 {window [2,2], stride [2,2], padding [0,0,0,0], size "
            "[4,4]} : f32[N,4,4,1]\n"
            "%d = relu_grad %u, %r : f32[N,4,4,1]\n"
            "output d = %d\noutput p = %p\n",
        head +
            "%d_pooled = relu_grad %g, %p : f32[N,2,2,1]\n"
            "%d = max_pool2d_grad %d_pooled, %p.1 {window [2,2], stride [2,2], padding [0,0,0,0], "
            "size [4,4]} : f32[N,4,4,1]\n"
            "output d = %d\noutput p = %p\n");
}

// Each gradient goes to one place of its window, wherever that is.
TEST(SinkReluGrad, SumsABiassGradientBeforeItIsSpread) {
  const std::string head =
      "graph g\n"
      "%g = input {type f32[N,2,2,3]} : f32[N,2,2,3]\n"
      "%i = input {type u8[N,2,2,3]} : u8[N,2,2,3]\n"
      "%u = max_pool2d_grad %g, %i {window [3,3], stride [1,1], padding [0,0,0,0], size [4,4]} : "
      "f32[N,4,4,3]\n";
  check(sink_relu_grad, head + "%b = bias_grad %u : f32[3]\noutput u = %u\noutput b = %b\n",
        head + "%b = bias_grad %g : f32[3]\noutput u = %u\noutput b = %b\n");
}

TEST(SinkReluGrad, GoesThroughSeveralPoolings) {
  const std::string head =
      "graph g\n"
      "%x = input {type f32[N,4,4,1]} : f32[N,4,4,1]\n"
      "%g = input {type f32[N,1,1,1]} : f32[N,1,1,1]\n"
      "%r = relu %x : f32[N,4,4,1]\n"
      "%p, %p.1 = max_pool2d %r : f32[N,2,2,1], u8[N,2,2,1]\n"
      "%q, %q.1 = max_pool2d %p : f32[N,1,1,1], u8[N,1,1,1]\n";
  check(sink_relu_grad,
        head +
            "%v = max_pool2d_grad %g, %q.1 {size [2,2]} : f32[N,2,2,1]\n"
            "%u = max_pool2d_grad %v, %p.1 {size [4,4]} : f32[N,4,4,1]\n"
            "%d = relu_grad %u, %r : f32[N,4,4,1]\n"
            "output d = %d\noutput q = %q\n",
        head +
            "%d_pooled_pooled = relu_grad %g, %q : f32[N,1,1,1]\n"
            "%d_pooled = max_pool2d_grad %d_pooled_pooled, %q.1 {size [2,2]} : f32[N,2,2,1]\n"
            "%d = max_pool2d_grad %d_pooled, %p.1 {size [4,4]} : f32[N,4,4,1]\n"
            "output d = %d\noutput q = %q\n");
}

TEST(SplitStatistics, TakesFewChannelsSampleBySample) {
  const std::string x = "graph g\n%x = input {type f32[N,4,4,16]} : f32[N,4,4,16]\n";
  const std::string rest = "output count = %m\noutput mean = %m.1\noutput M2 = %m.2\n";
  check(split_statistics,
        x + "%m, %m.1, %m.2 = channel_moments %x : f64[16], f64[16], f64[16]\n" + rest,
        x +
            "%m/each, %m/each.1, %m/each.2 = channel_moments %x {each_sample true} : f64[N,16], "
            "f64[N,16], f64[N,16]\n"
            "%m, %m.1, %m.2 = merge_sample_moments %m/each, %m/each.1, %m/each.2 : f64[16], "
            "f64[16], f64[16]\n" +
            rest);
}

TEST(SplitStatistics, LeavesManyChannelsAndSmallSamples) {
  for (const std::string shape : {"[N,4,4,80]", "[N,3,5,16]", "[N,16]"}) {
    const std::string C = "[" + shape.substr(shape.rfind(',') + 1);
    std::string text = "graph g\n%x = input {type f32" + shape + "} : f32" + shape;
    text += "\n%m, %m.1, %m.2 = channel_moments %x : f64" + C + ", f64" + C + ", f64" + C;
    text += "\noutput mean = %m.1\n";
    check(split_statistics, text, text);
  }
}

TEST(FuseEpilogues, JoinsBiasAndActivationToTheirMatmul) {
  const std::string head =
      "graph g\n"
      "%x = input {type f32[N,4]} : f32[N,4]\n"
      "%w = input {type f32[4,3]} : f32[4,3]\n"
      "%b = input {type f32[3]} : f32[3]\n";
  const std::string product =
      "%m = matmul %x, %w {transpose_a false, transpose_b false} : f32[N,3]\n";
  const std::string rest =
      "%a = bias_add %m, %b : f32[N,3]\n%r = relu %a : f32[N,3]\noutput y = %r\n";
  const std::string fused =
      to_text(remove_dead_code(fuse_epilogues(parse_graph(head + product + rest))));
  EXPECT_NE(fused.find("%r = fused %x, %w, %b {core matmul"), std::string::npos) << fused;
  EXPECT_EQ(fused.find("%m ="), std::string::npos) << fused;
}

TEST(FuseEpilogues, LeavesAValueWithAnotherReader) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,4]} : f32[N,4]\n"
      "%w = input {type f32[4,3]} : f32[4,3]\n"
      "%m = matmul %x, %w {transpose_a false, transpose_b false} : f32[N,3]\n"
      "%r = relu %m : f32[N,3]\n"
      "output y = %r\noutput m = %m\n";
  check(fuse_epilogues, text, text);
}

// Of a training step, where the argmax is read by the pool's gradient behind ReLU's.
TEST(FusePooling, PoolsBeforeBiasAndRelu) {
  const std::string head =
      "graph g\n"
      "%x = input {type f32[N,4,4,3]} : f32[N,4,4,3]\n"
      "%b = input {type f32[3]} : f32[3]\n"
      "%g = input {type f32[N,2,2,3]} : f32[N,2,2,3]\n";
  const std::string gradient =
      "%d = relu_grad %g, %p : f32[N,2,2,3]\n"
      "%u = max_pool2d_grad %d, %p.1 {window [2,2], stride [2,2], padding [0,0,0,0], size [4,4]} : "
      "f32[N,4,4,3]\n"
      "output y = %p\noutput dx = %u\n";
  const std::string before =
      head +
      "%a = bias_add %x, %b : f32[N,4,4,3]\n"
      "%r = relu %a : f32[N,4,4,3]\n"
      "%p, %p.1 = max_pool2d %r {window [2,2], stride [2,2], padding [0,0,0,0]} : f32[N,2,2,3], "
      "u8[N,2,2,3]\n";
  const std::string after =
      head +
      "%p, %p.1 = fused %x, %b {core max_pool2d {window [2,2], stride [2,2], padding [0,0,0,0]}, "
      "epilogue [bias_add, relu]} : f32[N,2,2,3], u8[N,2,2,3]\n";
  const auto pass = [](const Graph& graph) { return remove_dead_code(fuse_pooling(graph)); };
  check(pass, before + gradient, after + gradient);
  // Whoever sees which zero of a window was the largest would see another.
  check(pass, before + gradient + "output argmax = %p.1\n",
        before + gradient + "output argmax = %p.1\n");
  // The map is read elsewhere.
  check(pass, before + gradient + "output map = %r\n", before + gradient + "output map = %r\n");
}

TEST(FusePooling, LeavesAConvolutionItsOwnEpilogue) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,4,4,3]} : f32[N,4,4,3]\n"
      "%w = input {type f32[1,1,3,3]} : f32[1,1,3,3]\n"
      "%c = conv2d %x, %w {stride [1,1], padding [0,0,0,0]} : f32[N,4,4,3]\n"
      "%r = relu %c : f32[N,4,4,3]\n"
      "%p, %p.1 = max_pool2d %r {window [2,2], stride [2,2], padding [0,0,0,0]} : f32[N,2,2,3], "
      "u8[N,2,2,3]\n"
      "output y = %p\n";
  check(fuse_pooling, text, text);
}

TEST(FoldBatchNorm, NeverFoldsBeforeAPaddedConvolution) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,4,4,2]} : f32[N,4,4,2]\n"
      "%c = input {type f32[2]} : f32[2]\n"
      "%s = input {type f32[2]} : f32[2]\n"
      "%t = input {type f32[2]} : f32[2]\n"
      "%w = input {type f32[3,3,2,1]} : f32[3,3,2,1]\n"
      "%b = channel_affine %x, %c, %s, %t : f32[N,4,4,2]\n"
      "%y = conv2d %b, %w {stride [1,1], padding [1,1,1,1]} : f32[N,4,4,1]\n"
      "output y = %y\n";
  check(fold_batch_norm, text, text);
}

// Centred first, x W' does not cancel.
TEST(FoldBatchNorm, NeverFoldsBeforeADenseLayer) {
  const std::string text =
      "graph g\n"
      "%x = input {type f32[N,4]} : f32[N,4]\n"
      "%c = input {type f32[4]} : f32[4]\n"
      "%w = input {type f32[4,3]} : f32[4,3]\n"
      "%b = channel_affine %x, %c, %c, %c : f32[N,4]\n"
      "%y = matmul %b, %w {transpose_a false, transpose_b false} : f32[N,3]\n"
      "output y = %y\n";
  check(fold_batch_norm, text, text);
}

TEST(FoldBatchNorm, ScalesTheKernelAndMapsTheBiasOfTheDenseLayerBefore) {
  const std::string head =
      "graph g\n"
      "%x = input {type f32[N,4]} : f32[N,4]\n"
      "%w = input {type f32[4,3]} : f32[4,3]\n"
      "%b = input {type f32[3]} : f32[3]\n"
      "%c = input {type f32[3]} : f32[3]\n"
      "%s = input {type f32[3]} : f32[3]\n"
      "%t = input {type f32[3]} : f32[3]\n";
  check(fold_batch_norm,
        head +
            "%m = matmul %x, %w {transpose_a false, transpose_b false} : f32[N,3]\n"
            "%d = bias_add %m, %b : f32[N,3]\n"
            "%n = channel_affine %d, %c, %s, %t : f32[N,3]\n"
            "output y = %n\n",
        head +
            "%n/folded_kernel = scale_axis %w, %s {axis -1} : f32[4,3]\n"
            "%m_2 = matmul %x, %n/folded_kernel {transpose_a false, transpose_b false} : f32[N,3]\n"
            "%n/bias_row = reshape %b {shape [1,3]} : f32[1,3]\n"
            "%n/affine_bias = channel_affine %n/bias_row, %c, %s, %t : f32[1,3]\n"
            "%n/folded_bias = reshape %n/affine_bias {shape [3]} : f32[3]\n"
            "%n = bias_add %m_2, %n/folded_bias : f32[N,3]\n"
            "output y = %n\n");
}

struct NamedPass {
  const char* name;
  PassFunction run;
  bool training;
};

class EveryPass : public testing::TestWithParam<NamedPass> {};

TEST_P(EveryPass, GivesTheSameNumbersOnRandomGraphsAndTwiceIsOnce) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("random graph, seed " + std::to_string(seed));
    const Graph before = GetParam().training
                             ? with_float(test::random_step(seed), DType::f64)
                             : to_inference(with_float(test::random_model(seed), DType::f64));
    const Graph once = GetParam().run(before);
    verify(once, GetParam().training ? Level::training : Level::inference);
    test::expect_same_numbers(before, once, 1e-11);
    const Graph clean = remove_dead_code(once);
    EXPECT_EQ(to_text(remove_dead_code(GetParam().run(clean))), to_text(clean));
  }
}

INSTANTIATE_TEST_SUITE_P(Passes, EveryPass,
                         testing::Values(NamedPass{"simplify", simplify, true},
                                         NamedPass{"remove_dead_code", remove_dead_code, true},
                                         NamedPass{"share", share_common_subexpressions, true},
                                         NamedPass{"sink_relu_grad", sink_relu_grad, true},
                                         NamedPass{"split_statistics", split_statistics, true},
                                         NamedPass{"fuse_pooling", fuse_pooling, true},
                                         NamedPass{"fuse_pooling_inference", fuse_pooling, false},
                                         NamedPass{"fuse_epilogues", fuse_epilogues, true},
                                         NamedPass{"fold_batch_norm", fold_batch_norm, false},
                                         NamedPass{"simplify_inference", simplify, false}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace evenkeel
