// SPDX-License-Identifier: Apache-2.0
// A product and the update it is for, against one kernel after the other: the same bytes, because
// both sum in the same order.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeMatMulAdam : public NativeKernels {
 protected:
  static constexpr MatMul kProduct = {true, false};

  // a, b, p, m, v, lr, step
  std::vector<Tensor> inputs(std::int64_t C, std::int64_t M, std::int64_t K) {
    Tensor v = normal({M, K});
    for (float& value : v.values<float>()) value *= value;
    return {normal({C, M}),
            normal({C, K}),
            normal({M, K}),
            normal({M, K}),
            v,
            constant_f64({}, 1e-2),
            Tensor::of({}, std::vector<std::int64_t>{between(0, 2000)})};
  }

  static void expect_its_ops(const AdamUpdate& adam, const std::vector<Tensor>& in) {
    const Op fused = Fused{kProduct, {adam}};
    const Call call = call_of(fused, in);
    const KernelEntry& entry = entry_for(native_kernels(), call);
    ASSERT_EQ(entry.name, "native/fused/matmul_adam");
    std::vector<std::int64_t> each(static_cast<std::size_t>(entry.needs(call).extent - 1));
    std::iota(each.begin(), each.end(), 1);
    for (const std::string& set : instruction_sets()) {
      SCOPED_TRACE(set);
      use_native_instruction_set(set);
      const Call product = call_of(kProduct, {in[0], in[1]});
      const Tensor g = run(entry_for(native_kernels(), product), product, {in[0], in[1]})[0];
      const std::vector<Tensor> operands = {in[2], in[3], in[4], g, in[5], in[6]};
      const Call update = call_of(adam, operands);
      const auto expected = run(entry_for(native_kernels(), update), update, operands);
      const auto whole = run(entry, call, in);
      expect_same({whole[0], whole[1], whole[2]}, {expected[0], expected[1], expected[2]});
      expect_same(whole, run(entry, call, in, each));
      for (const auto& pair : entry.needs(call).in_place)
        expect_same(whole, run(entry, call, in, {}, pair));
    }
    use_native_instruction_set("auto");
  }
};

TEST_P(NativeMatMulAdam, IsTheProductAndItsUpdate) {
  for (const AdamUpdate& adam :
       {AdamUpdate{}, AdamUpdate{.l2 = 0.1}, AdamUpdate{.form = AdamForm::pytorch, .decay = 0.1},
        AdamUpdate{.l2 = 0.1, .decay = 0.1}}) {
    // The unfused product sums more than 256 in parts.
    const std::int64_t C = between(1, 200), M = between(8, 260), K = between(16, 90);
    SCOPED_TRACE(std::to_string(C) + "x" + std::to_string(M) + "x" + std::to_string(K));
    expect_its_ops(adam, inputs(C, M, K));
  }
}

TEST_P(NativeMatMulAdam, CountsGradientsThatAreNotFiniteByRows) {
  std::vector<Tensor> in = inputs(3, 60, 20);
  in[0].values<float>()[59] = std::numeric_limits<float>::infinity();  // of the last row of p
  in[0].values<float>()[0] = std::numeric_limits<float>::quiet_NaN();  // and of the first
  const Op fused = Fused{kProduct, {AdamUpdate{}}};
  const Call call = call_of(fused, in);
  const auto outputs = run(entry_for(native_kernels(), call), call, in);
  EXPECT_EQ(outputs[3], Tensor::of({3}, std::vector<std::int32_t>{20, 0, 20}));
}

TEST_P(NativeMatMulAdam, LeavesNarrowAndDeepProductsToOthers) {
  const auto takes = [&](std::int64_t C, std::int64_t K) {
    const Call call = call_of(Fused{kProduct, {AdamUpdate{}}}, inputs(C, 30, K));
    const auto all = native_kernels();
    return std::any_of(all.begin(), all.end(), [&](const KernelEntry& entry) {
      return entry.op == call.op.index() && entry.accepts(call);
    });
  };
  EXPECT_TRUE(takes(512, 16));
  EXPECT_FALSE(takes(513, 16));
  EXPECT_FALSE(takes(512, 15));
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeMatMulAdam, ::testing::Range(1, 7));

}  // namespace
}  // namespace evenkeel::native_test
