// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution against the reference in double, and its error against that of a direct
// sum in f32.
#include <cmath>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

// The error's root mean square.
double error_of(const Tensor& actual, const Tensor& exact) {
  const auto a = actual.values<float>();
  const auto b = exact.values<double>();
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}
double size_of_values(const Tensor& exact) {
  double sum = 0;
  for (const double value : exact.values<double>()) sum += value * value;
  return std::sqrt(sum / static_cast<double>(exact.values<double>().size()));
}

class NativeWinograd : public NativeKernels {
 protected:
  // Relative to the result's size, on every instruction set.
  static void expect_close(const Op& op, const std::vector<Tensor>& inputs, double units) {
    const Tensor exact = run_reference_in_double(op, inputs)[0];
    for (const Tensor& native : run_native_by_target(op, inputs))
      EXPECT_LE(error_of(native, exact), units * kUnit * size_of_values(exact))
          << to_string(native.shape);
  }
  std::int64_t tile() { return between(0, 1) == 0 ? 2 : 4; }
  Padding4 padding() { return {between(0, 2), between(0, 2), between(0, 2), between(0, 2)}; }
};

TEST_P(NativeWinograd, Kernels) {
  for (int repeat = 0; repeat < 4; ++repeat) {
    const Tensor W = normal({3, 3, between(1, 40), between(1, 40)});
    SCOPED_TRACE(to_string(W.shape));
    for (const bool rotated : {false, true}) expect_close(WinogradKernel{tile(), rotated}, {W}, 4);
  }
}

TEST_P(NativeWinograd, Convolutions) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::int64_t m = tile(), C = between(1, 40), K = between(1, 40);
    const Tensor x = normal({between(1, 4), between(3, 20), between(3, 20), C});
    const Tensor U = run_reference(WinogradKernel{m, false}, {normal({3, 3, C, K})})[0];
    SCOPED_TRACE(to_string(x.shape) + ", tile " + std::to_string(m) + ", K " + std::to_string(K));
    expect_close(WinogradConv2d{m, padding(), K}, {x, U}, 60);
  }
}

TEST_P(NativeWinograd, GradientsByTheKernel) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::int64_t m = tile(), C = between(1, 40), K = between(1, 40);
    const Tensor x = normal({between(1, 7), between(3, 20), between(3, 20), C});
    const Padding4 pad = padding();
    const Tensor dy =
        normal({x.shape[0], x.shape[1] + pad[0] + pad[1] - 2, x.shape[2] + pad[2] + pad[3] - 2, K});
    SCOPED_TRACE(to_string(x.shape) + ", tile " + std::to_string(m) + ", K " + std::to_string(K));
    // More parts than samples leave some of them empty.
    const WinogradConv2dGradKernel op{m, pad, between(1, 9)};
    expect_close(op, {x, dy}, 80);
    expect_close(WinogradKernelGrad{m, K}, {run_reference(op, {x, dy})[0]}, 40);
  }
}

// Every sample by itself, whatever stands beside it and however many there are.
TEST_P(NativeWinograd, ASamplesResultDoesNotDependOnTheOthers) {
  const std::int64_t m = tile(), N = between(2, 12), C = between(1, 40), K = between(1, 40);
  const Tensor x = normal({N, between(3, 12), between(3, 12), C});
  const Tensor U = run_reference(WinogradKernel{m, false}, {normal({3, 3, C, K})})[0];
  const WinogradConv2d op{m, padding(), K};
  const std::vector<Tensor> all = run_native_by_target(op, {x, U});
  for (const std::int64_t n : {std::int64_t{0}, N - 1}) {
    const std::int64_t size = x.shape.elements_per_sample();
    Tensor one(DType::f32, {1, x.shape[1], x.shape[2], C});
    std::copy_n(x.values<float>().begin() + n * size, size, one.values<float>().begin());
    const std::vector<Tensor> alone = run_native_by_target(op, {one, U});
    for (std::size_t target = 0; target < all.size(); ++target) {
      const auto count = static_cast<std::size_t>(alone[target].shape.elements());
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(alone[target].values<float>()[i],
                  all[target].values<float>()[static_cast<std::size_t>(n) * count + i]);
    }
  }
}

// All outputs on the instruction set in use, whole and block by block.
std::vector<Tensor> run_here(const Op& op, const std::vector<Tensor>& inputs) {
  const Call call = call_of(op, inputs);
  const KernelEntry& entry = entry_for(native_kernels(), call);
  std::vector<std::int64_t> each(static_cast<std::size_t>(entry.needs(call).extent - 1));
  std::iota(each.begin(), each.end(), 1);
  std::vector<Tensor> whole = run(entry, call, inputs);
  expect_same(whole, run(entry, call, inputs, each));
  return whole;
}

// Batch norm of x: (x, count, mean, M2, gamma, beta).
std::vector<Tensor> normalised_by(const Tensor& x, const Tensor& gamma, const Tensor& beta) {
  std::vector<Tensor> inputs = run_reference(ChannelMoments{}, {x});
  inputs.insert(inputs.begin(), x);
  inputs.push_back(gamma);
  inputs.push_back(beta);
  return inputs;
}

// Batch norm while x is read, and moments of y while it is written, are those of the ops by
// themselves to the last bit: around the normalised map too there are zeros.
TEST_P(NativeWinograd, WithBatchNormAroundItIsItsParts) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::int64_t m = tile(), C = between(1, 40), K = between(1, 40);
    const Tensor x =
        normal({between(1, 4), between(3, 34), between(3, 34), C}, between(0, 1) == 0 ? 1 : 1e6);
    const WinogradConv2d op{m, padding(), K};
    const Tensor U = run_reference(WinogradKernel{m, false}, {normal({3, 3, C, K})})[0];
    std::vector<Tensor> inputs = normalised_by(x, normal({C}), normal({C}, 2));
    SCOPED_TRACE(to_string(x.shape) + ", tile " + std::to_string(m) + ", K " + std::to_string(K));
    for (const std::string& set : instruction_sets()) {
      SCOPED_TRACE(set);
      use_native_instruction_set(set);
      const Tensor map = run_here(BatchNormApply{}, inputs)[0];
      const Tensor rectified = run_here(Relu{}, {map})[0];
      const Tensor plain = run_here(op, {map, U})[0];
      const Tensor y = run_here(op, {rectified, U})[0];
      const auto moments = run_here(ChannelMoments{true}, {y});
      std::vector<Tensor> operands = inputs;
      operands.push_back(U);
      EXPECT_EQ(run_here(Fused{op, {}, {BatchNormApply{}}}, operands)[0], plain);
      const std::vector<Tensor> all = {y, moments[0], moments[1], moments[2]};
      expect_same(run_here(Fused{op, {ChannelMoments{true}}, {BatchNormApply{}, Relu{}}}, operands),
                  all);
      expect_same(run_here(Fused{op, {ChannelMoments{true}}}, {rectified, U}), all);
    }
    use_native_instruction_set("auto");
  }
}

TEST_P(NativeWinograd, GradientsOfANormalisedMapAreTheirParts) {
  const std::int64_t m = tile(), C = between(1, 40), K = between(1, 40);
  const Tensor x = normal({between(1, 5), between(3, 20), between(3, 20), C}, 1);
  const Padding4 pad = padding();
  const Tensor dy =
      normal({x.shape[0], x.shape[1] + pad[0] + pad[1] - 2, x.shape[2] + pad[2] + pad[3] - 2, K});
  const WinogradConv2dGradKernel op{m, pad, between(1, 5)};
  std::vector<Tensor> inputs = normalised_by(x, normal({C}), normal({C}, 2));
  for (const std::string& set : instruction_sets()) {
    SCOPED_TRACE(set);
    use_native_instruction_set(set);
    const Tensor map = run_here(BatchNormApply{}, inputs)[0];
    std::vector<Tensor> operands = inputs;
    operands.push_back(dy);
    expect_same(run_here(Fused{op, {}, {BatchNormApply{}}}, operands), run_here(op, {map, dy}));
    expect_same(run_here(Fused{op, {}, {BatchNormApply{}, Relu{}}}, operands),
                run_here(op, {run_here(Relu{}, {map})[0], dy}));
  }
  use_native_instruction_set("auto");
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeWinograd, ::testing::Range(1, 11));

// A whole pass by Winograd, on the best instruction set.
Tensor forward(std::int64_t tile, const Tensor& x, const Tensor& W) {
  const Tensor U = run_native_by_target(WinogradKernel{tile, false}, {W})[0];
  return run_native_by_target(WinogradConv2d{tile, {1, 1, 1, 1}, W.shape[3]}, {x, U})[0];
}
Tensor data_gradient(std::int64_t tile, const Tensor& dy, const Tensor& W) {
  const Tensor U = run_native_by_target(WinogradKernel{tile, true}, {W})[0];
  return run_native_by_target(WinogradConv2d{tile, {1, 1, 1, 1}, W.shape[2]}, {dy, U})[0];
}
Tensor kernel_gradient(std::int64_t tile, const Tensor& x, const Tensor& dy) {
  const WinogradConv2dGradKernel op{tile, {1, 1, 1, 1}, 4};
  const Tensor sums = run_native_by_target(op, {x, dy})[0];
  return run_native_by_target(WinogradKernelGrad{tile, dy.shape[3]}, {sums})[0];
}

// By 180 degrees, [3,3,C,K] as [3,3,K,C].
Tensor turned(const Tensor& W) {
  const std::int64_t C = W.shape[2], K = W.shape[3];
  Tensor result(DType::f32, {3, 3, K, C});
  for (std::int64_t tap = 0; tap < 9; ++tap)
    for (std::int64_t c = 0; c < C; ++c)
      for (std::int64_t k = 0; k < K; ++k)
        result.values<float>()[static_cast<std::size_t>(((8 - tap) * K + k) * C + c)] =
            W.values<float>()[static_cast<std::size_t>((tap * C + c) * K + k)];
  return result;
}

// In units of the error of a direct sum in f32: of tiles of 2 at most 1.5, of 4 at most 4. The
// shapes are those of a ResNet-20, x and dy are random, x rectified, W by He's rule.
class WinogradAccuracy : public NativeKernels {
 protected:
  void expect_errors(const Op& direct, const std::vector<Tensor>& inputs, const Tensor& by_two,
                     const Tensor& by_four) {
    const Tensor exact = run_reference_in_double(direct, inputs)[0];
    const double unit = error_of(run_reference(direct, inputs)[0], exact);
    EXPECT_LE(error_of(by_two, exact), 1.5 * unit);
    EXPECT_LE(error_of(by_four, exact), 4 * unit);
  }
};

TEST_P(WinogradAccuracy, OfAllThreePasses) {
  const std::int64_t H = std::int64_t{64} >> GetParam();
  const std::int64_t C = std::int64_t{8} << GetParam();
  Tensor x = normal({2, H, H, C});
  for (float& value : x.values<float>()) value = std::max(value, 0.0F);
  const Tensor W = normal({3, 3, C, C}, 0, std::sqrt(2 / (9.0 * static_cast<double>(C))));
  const Tensor dy = normal({2, H, H, C}, 0, 1e-3);
  const Padding4 pad = {1, 1, 1, 1};
  expect_errors(Conv2d{{1, 1}, pad}, {x, W}, forward(2, x, W), forward(4, x, W));
  // The gradient by x is a convolution too, of dy with W turned. As such it is summed term by term;
  // the reference's gradient adds up sums of a tap, and is more exact than such a sum.
  expect_errors(Conv2d{{1, 1}, pad}, {dy, turned(W)}, data_gradient(2, dy, W),
                data_gradient(4, dy, W));
  expect_errors(Conv2dGradKernel{{1, 1}, pad, {3, 3}}, {x, dy}, kernel_gradient(2, x, dy),
                kernel_gradient(4, x, dy));
}

INSTANTIATE_TEST_SUITE_P(Shapes, WinogradAccuracy, ::testing::Range(1, 4));

}  // namespace
}  // namespace evenkeel::native_test
