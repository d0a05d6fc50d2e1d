// SPDX-License-Identifier: Apache-2.0
// A convolution with pooling in its epilogue against its definition in double.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeConv2dPooled : public NativeKernels {
 protected:
  struct Case {
    Fused op;
    std::vector<Tensor> inputs;
  };

  Case random_case() {
    const std::int64_t R = between(1, 7), S = between(1, 7), C = between(1, 4);
    const Padding4 padding = {between(0, R - 1), between(0, R - 1), between(0, S - 1),
                              between(0, S - 1)};
    const Tensor x = normal({between(1, 4), between(R + 1, 15), between(S + 1, 15), C});
    const std::int64_t K = between(1, 70);
    Case result = {{Conv2d{{1, 1}, padding}, {}}, {x, normal({R, S, C, K})}};
    if (between(0, 3) > 0) {
      result.op.epilogue.emplace_back(BiasAdd{});
      result.inputs.push_back(normal({K}));
    }
    if (between(0, 3) > 0) result.op.epilogue.emplace_back(Relu{});
    result.op.epilogue.emplace_back(MaxPool2d{});
    return result;
  }
};

TEST_P(NativeConv2dPooled, IsConvolutionBiasReluAndPooling) {
  for (int repeat = 0; repeat < 4; ++repeat) {
    const Case c = random_case();
    const Shape& W = c.inputs[1].shape;
    SCOPED_TRACE(to_string(c.inputs[0].shape) + " and " + to_string(W));
    const std::vector<Tensor> exact = run_reference_in_double(c.op, c.inputs);
    const double terms = static_cast<double>(W[0] * W[1] * W[2] + 1);
    for (const Tensor& native : run_native_by_target(c.op, c.inputs))
      expect_near(native, exact[0], [&](std::size_t) { return 10 * kUnit * terms; });
  }
}

// Small whole numbers, whose sums are exact, and many ties: the first maximum's place, zeros among
// them.
TEST_P(NativeConv2dPooled, KnowsWhereTheFirstMaximumIs) {
  Case c = random_case();
  for (Tensor& input : c.inputs)
    for (float& value : input.values<float>()) value = static_cast<float>(between(-1, 1));
  expect_same(run_native(c.op, c.inputs), run_reference(c.op, c.inputs));
}

TEST_P(NativeConv2dPooled, KeepsNaN) {
  const Fused op = {Conv2d{}, {Relu{}, MaxPool2d{}}};
  Tensor x = normal({1, 2, 2, 1});
  x.values<float>()[2] = std::numeric_limits<float>::quiet_NaN();
  const auto y = run_native(op, {x, normal({1, 1, 1, 5})});
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_TRUE(std::isnan(y[0].values<float>()[k]));
    EXPECT_EQ(y[1].values<std::uint8_t>()[k], 2);
  }
}

TEST_P(NativeConv2dPooled, LeavesOthersToOthers) {
  const std::vector<Tensor> inputs = {normal({1, 8, 8, 2}), normal({3, 3, 2, 4})};
  const auto refuses = [&](const Fused& op) {
    const Call call = call_of(op, inputs);
    EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  };
  refuses({Conv2d{{2, 1}}, {MaxPool2d{}}});
  refuses({Conv2d{{1, 1}, {}, {2, 2}}, {MaxPool2d{}}});
  refuses({Conv2d{}, {MaxPool2d{{3, 3}, {2, 2}}}});
  refuses({Conv2d{}, {MaxPool2d{{2, 2}, {2, 2}, {1, 0, 0, 0}}}});
  refuses({Conv2d{}, {Relu{}, Relu{}, MaxPool2d{}}});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeConv2dPooled, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
