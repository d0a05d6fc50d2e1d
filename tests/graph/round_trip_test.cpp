// SPDX-License-Identifier: Apache-2.0
// Each op's attributes as text, there and back; rare ones are printed only where they differ from
// their default.
#include <gtest/gtest.h>

#include "evenkeel/graph/text.h"

namespace evenkeel {
namespace {

// The text of a graph with `op` behind inputs of the given types, read back and printed again.
std::string there_and_back(const Op& op, const Types& inputs) {
  Graph graph("g");
  std::vector<Value> values;
  for (const ValueType& type : inputs) values.push_back(graph.add(Input{type}, {}, "x"));
  graph.add(op, values, "op");
  const std::string text = to_text(graph);
  EXPECT_EQ(parse_graph(text), graph) << text;
  return attributes_text(op);
}

ValueType f32(const Shape& shape) { return {DType::f32, shape}; }
const ValueType kRate = {DType::f64, {}};
const ValueType kWholeStep = {DType::i64, {}};

TEST(RoundTrip, OfActivationsAndConcat) {
  const ValueType x = f32({kBatch, 4});
  EXPECT_EQ(there_and_back(LeakyRelu{0.1}, {x}), "{slope 0.1}");
  EXPECT_EQ(there_and_back(LeakyReluGrad{}, {x, x}), "{slope 0.01}");
  for (const Op& op : {Op(Relu6{}), Op(Sigmoid{}), Op(Tanh{})})
    EXPECT_EQ(there_and_back(op, {x}), "");
  for (const Op& op : {Op(Relu6Grad{}), Op(SigmoidGrad{}), Op(TanhGrad{}), Op(SoftmaxGrad{}),
                       Op(Multiply{}), Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})})
    EXPECT_EQ(there_and_back(op, {x, x}), "");
  EXPECT_EQ(there_and_back(Concat{1}, {x, x}), "{axis 1}");
  EXPECT_EQ(there_and_back(Slice{-1, 1, 3}, {x}), "{axis -1, begin 1, end 3}");
  EXPECT_EQ(there_and_back(ZeroPad{-1, 1, 3}, {x}), "{axis -1, before 1, after 3}");
  EXPECT_EQ(there_and_back(InTopK{3}, {x, x}), "{k 3}");
  EXPECT_EQ(there_and_back(Cast{DType::bf16}, {x}), "{dtype bf16}");
  EXPECT_EQ(there_and_back(Dropout{0.25}, {x}), "{rate 0.25}");
  EXPECT_EQ(there_and_back(DropoutApply{0.25, 4294967295},
                           {x, kWholeStep, kWholeStep, {DType::i64, {kBatch}}}),
            "{rate 0.25, stream 4294967295}");
}

TEST(RoundTrip, OfConvolutionsNamesDilationAndGroupsWhereTheyAreSet) {
  const ValueType x = f32({kBatch, 9, 9, 4});
  const ValueType y = f32({kBatch, 5, 5, 2});
  const std::string window = "{stride [1,1], padding [0,0,0,0]";
  EXPECT_EQ(there_and_back(Conv2d{}, {x, f32({3, 3, 4, 2})}), window + "}");
  Conv2d op;
  op.groups = 2;
  EXPECT_EQ(there_and_back(op, {x, f32({3, 3, 2, 2})}), window + ", groups 2}");
  op.dilation = {2, 2};
  EXPECT_EQ(there_and_back(op, {x, f32({3, 3, 2, 2})}), window + ", dilation [2,2], groups 2}");
  EXPECT_EQ(there_and_back(Conv2dGradData{op.stride, op.padding, {9, 9}, op.dilation, 2},
                           {y, f32({3, 3, 2, 2})}),
            window + ", size [9,9], dilation [2,2], groups 2}");
  EXPECT_EQ(there_and_back(Conv2dGradKernel{op.stride, op.padding, {3, 3}, op.dilation}, {x, y}),
            window + ", kernel [3,3], dilation [2,2]}");
}

TEST(RoundTrip, OfPoolingNamesCountPaddingWhereItIsSet) {
  const std::string window = "{window [2,2], stride [2,2], padding [0,0,0,0]";
  const ValueType x = f32({kBatch, 8, 8, 3});
  AvgPool2d pool;
  EXPECT_EQ(there_and_back(pool, {x}), window + "}");
  pool.count_padding = true;
  EXPECT_EQ(there_and_back(pool, {x}), window + ", count_padding true}");
  EXPECT_EQ(
      there_and_back(AvgPool2dGrad{pool.window, pool.stride, pool.padding, {16, 16}, true}, {x}),
      window + ", size [16,16], count_padding true}");
}

TEST(RoundTrip, OfNormsOfEachSample) {
  const ValueType x = f32({kBatch, 5, 4});
  const ValueType v = f32({4});
  EXPECT_EQ(there_and_back(GroupNorm{2}, {x, v, v}), "{groups 2, epsilon 1e-05}");
  EXPECT_EQ(there_and_back(GroupNormGrad{}, {x, x, v}), "{groups 1, epsilon 1e-05}");
  EXPECT_EQ(there_and_back(LayerNorm{0.01}, {x, v, v}), "{epsilon 0.01}");
  EXPECT_EQ(there_and_back(LayerNormGrad{}, {x, x, v}), "{epsilon 1e-05}");
}

TEST(RoundTrip, OfUpdateRulesNamesDecayWhereItIsSet) {
  const ValueType p = f32({5});
  EXPECT_EQ(there_and_back(SgdUpdate{}, {p, p, kRate}), "{momentum 0, nesterov false}");
  EXPECT_EQ(there_and_back(SgdUpdate{0.9, true, 1e-4}, {p, p, p, kRate}),
            "{momentum 0.9, nesterov true, l2 1e-04}");
  EXPECT_EQ(there_and_back(RmspropUpdate{}, {p, p, p, kRate}),
            "{decay 0.99, epsilon 1e-08, momentum 0}");
  RmspropUpdate decaying;
  decaying.l2 = 0.5;
  EXPECT_EQ(there_and_back(decaying, {p, p, p, kRate}),
            "{decay 0.99, epsilon 1e-08, momentum 0, l2 0.5}");
  EXPECT_EQ(there_and_back(AdagradUpdate{}, {p, p, p, kRate}), "{epsilon 1e-10}");
  EXPECT_EQ(there_and_back(AdagradUpdate{0.5, 0.25}, {p, p, p, kRate}), "{epsilon 0.5, l2 0.25}");
  const std::string adam = "{beta1 0.9, beta2 0.999, epsilon 1e-08, form tensorflow";
  EXPECT_EQ(there_and_back(AdamUpdate{}, {p, p, p, p, kRate, kWholeStep}), adam + "}");
  AdamUpdate decayed;
  decayed.decay = 0.01;
  EXPECT_EQ(there_and_back(decayed, {p, p, p, p, kRate, kWholeStep}), adam + ", decay 0.01}");
  decayed.l2 = 0.25;
  EXPECT_EQ(there_and_back(decayed, {p, p, p, p, kRate, kWholeStep}),
            adam + ", l2 0.25, decay 0.01}");
  EXPECT_EQ(there_and_back(SquaredNorm{}, {p}), "");
  EXPECT_EQ(there_and_back(ClipFactor{5}, {kRate}), "{largest 5, dtype f32}");
}

}  // namespace
}  // namespace evenkeel
