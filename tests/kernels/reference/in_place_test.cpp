// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/kernels/kernel.h"
#include "tests/kernels/reference/run_op.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

struct Example {
  Op op;
  std::vector<Tensor> inputs;
};

// One call of each op that promises to work in place.
std::vector<Example> examples(Draw& draw) {
  const Tensor x = draw.uniform_tensor({6, 5});
  const Tensor y = draw.uniform_tensor({6, 5});
  const Tensor v = draw.uniform_tensor({5}, 0.5, 2);
  const Tensor n = draw.uniform_tensor({5}, 2, 9);
  const Tensor square = draw.uniform_tensor({6, 5}, 0, 1);
  const Tensor lr = f64({}, {0.01});
  const Tensor seen = i64({}, {3});
  const Tensor labels = i32({6}, {0, 1, 2, 3, 4, -1});
  const Tensor samples = i64({6}, {0, 1, 2, 3, 4, 5});
  return {{Scale{3, DType::f64}, {x}},
          {Add{}, {x, y}},
          {Divide{}, {x, y}},
          {Clamp{}, {x, f64({}, {-0.5}), f64({}, {0.5})}},
          {StopGradient{}, {x}},
          {Deviation{}, {square}},
          {MovingAverage{}, {x, seen, y}},
          {ScaleAxis{-1}, {x, v}},
          {Increment{}, {seen}},
          {BiasAdd{}, {x, v}},
          {Relu{}, {x}},
          {ReluGrad{}, {x, y}},
          {Reshape{{5, 6}}, {x}},
          {Reorder{}, {x}},
          {MergeMoments{}, {n, v, v, n, n, v}},
          {BatchNormApply{}, {x, n, v, v, v, v}},
          {ChannelAffine{}, {x, v, v, v}},
          {BatchNormGradApply{}, {x, y, n, v, v, v, v, v}},
          {UpdateMoving{}, {v, v, seen, n, v, v}},
          {Softmax{}, {x}},
          {SoftmaxCrossEntropy{}, {x, labels}},
          {AdamUpdate{}, {x, y, square, x, lr, seen}},
          {Multiply{}, {x, y}},
          {GroupNorm{5}, {draw.uniform_tensor({2, 3, 5}), v, v}},
          {GroupNormGrad{1}, {x, y, v}},
          {LayerNorm{}, {x, v, v}},
          {LayerNormGrad{}, {x, y, v}},
          {LeakyRelu{}, {x}},
          {LeakyReluGrad{}, {x, y}},
          {Relu6{}, {x}},
          {Relu6Grad{}, {x, y}},
          {Sigmoid{}, {x}},
          {SigmoidGrad{}, {x, y}},
          {Tanh{}, {x}},
          {TanhGrad{}, {x, y}},
          {SoftmaxGrad{}, {x, y}},
          {SoftmaxCrossEntropy{}, {x, square}},
          {SigmoidCrossEntropy{}, {x, labels}},
          {SigmoidCrossEntropy{}, {x, square}},
          {MeanSquaredError{}, {x, labels}},
          {MeanSquaredError{}, {x, square}},
          {DropoutApply{}, {x, seen, seen, samples}},
          {SgdUpdate{}, {x, y, lr}},
          {SgdUpdate{0.9, true, 0.1}, {x, y, square, lr}},
          {RmspropUpdate{}, {x, square, y, lr}},
          {AdagradUpdate{}, {x, square, y, lr}},
          {AdagradUpdate{1e-10, 0.1}, {x, square, y, lr}},
          {RmspropUpdate{0.9, 1e-8, 0.9, 0.1}, {x, square, x, y, lr}},
          {AdamUpdate{0.9, 0.999, 1e-8, AdamForm::pytorch, 0.1, 0.1}, {x, y, square, x, lr, seen}}};
}

const KernelEntry* entry_for(const Call& call) {
  for (const KernelEntry& entry : reference_kernels())
    if (entry.op == call.op.index() && entry.accepts(call)) return &entry;
  return nullptr;
}

// All pairs that do not want the same output at once, then each one alone.
void check_in_place(const Example& example) {
  const std::vector<Tensor> expected = run_op(example.op, example.inputs);
  Call call = {example.op, {}, {}};
  for (const Tensor& tensor : example.inputs) call.inputs.push_back({tensor.dtype, tensor.shape});
  for (const Tensor& tensor : expected) call.outputs.push_back({tensor.dtype, tensor.shape});
  const KernelEntry* entry = entry_for(call);
  ASSERT_NE(entry, nullptr);
  const Needs needs = entry->needs(call);
  EXPECT_FALSE(needs.in_place.empty());
  std::vector<std::vector<std::pair<int, int>>> choices = {needs.in_place};
  choices.reserve(needs.in_place.size() + 1);
  for (const auto& pair : needs.in_place) choices.push_back({pair});

  for (const auto& choice : choices) {
    std::vector<Tensor> inputs = example.inputs;
    std::vector<Tensor> outputs = expected;
    std::vector<const void*> in;
    in.reserve(inputs.size());
    std::vector<void*> out;
    for (Tensor& tensor : outputs) {
      std::fill(tensor.bytes.begin(), tensor.bytes.end(), std::byte{0xFF});
      out.push_back(tensor.bytes.data());
    }
    for (Tensor& tensor : inputs) in.push_back(tensor.bytes.data());
    std::vector<bool> shared(outputs.size(), false);
    for (const auto& [input, output] : choice) {
      const auto i = static_cast<std::size_t>(input);
      const auto o = static_cast<std::size_t>(output);
      if (shared[o]) continue;
      shared[o] = true;
      outputs[o].bytes = inputs[i].bytes;
      in[i] = out[o] = outputs[o].bytes.data();
    }
    entry->make(call)->run({in.data(), out.data(), nullptr, nullptr}, {});
    for (std::size_t o = 0; o < outputs.size(); ++o)
      EXPECT_EQ(outputs[o].bytes, expected[o].bytes) << "output " << o;
  }
}

TEST(ReferenceInPlace, GivesTheSameBytesAsApart) {
  Draw draw(0);
  for (const Example& example : examples(draw)) {
    SCOPED_TRACE(std::string(name_of(example.op)));
    check_in_place(example);
  }
}

TEST(ReferenceInPlace, NotWhereTheDTypeChanges) {
  const Call call = {Scale{2, DType::f64}, {{DType::f32, {3}}}, {{DType::f64, {3}}}};
  ASSERT_NE(entry_for(call), nullptr);
  EXPECT_TRUE(entry_for(call)->needs(call).in_place.empty());
}

}  // namespace
}  // namespace evenkeel::test
