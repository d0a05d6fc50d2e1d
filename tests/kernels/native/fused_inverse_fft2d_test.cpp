// SPDX-License-Identifier: Apache-2.0
// An inverse transform with bias, ReLU and pooling in its epilogue against its definition.
#include <algorithm>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeFusedInverseFft2d : public NativeKernels {
 protected:
  struct Case {
    Fused op;
    std::vector<Tensor> inputs;
    InverseFft2d inverse() const { return std::get<InverseFft2d>(op.core); }
  };

  // Maps may be odd, and lie anywhere in their field.
  Case random_case(bool pools) {
    const std::array sizes = {6, 8, 10, 12, 16, 18, 20, 32};
    const std::int64_t n = sizes[static_cast<std::size_t>(between(0, sizes.size() - 1))];
    const Pair extent = {between(2, n), between(2, n)};
    const Pair place = {between(0, n - extent[0]), between(0, n - extent[1])};
    const std::int64_t C = between(1, 70);
    const Tensor x = normal({between(1, 3), extent[0], extent[1], C});
    Case result = {{InverseFft2d{n, place, extent}, {}},
                   {run_native_by_target(Fft2d{n, place}, {x})[0]}};
    const std::int64_t kind = between(pools ? 0 : 1, 3);
    if (kind % 2 == 1) {
      result.op.epilogue.emplace_back(BiasAdd{});
      result.inputs.push_back(normal({C}));
    }
    if (kind / 2 == 1) result.op.epilogue.emplace_back(Relu{});
    if (pools) result.op.epilogue.emplace_back(MaxPool2d{});
    return result;
  }

  static std::string shapes(const Case& c) {
    const Pair extent = c.inverse().extent;
    return to_string(c.inputs[0].shape) + " -> " + to_string(Shape{extent[0], extent[1]});
  }

  // The same by native kernels of its parts, on the instruction set in use.
  static std::vector<Tensor> by_parts(const Case& c) {
    const auto native = [](const Op& op, const std::vector<Tensor>& inputs) {
      const Call call = call_of(op, inputs);
      return run(entry_for(native_kernels(), call), call, inputs);
    };
    std::vector<Tensor> y = native(c.inverse(), {c.inputs[0]});
    for (const FusedEpilogue& step : c.op.epilogue) {
      if (std::holds_alternative<BiasAdd>(step)) y.push_back(c.inputs[1]);
      y = native(std::visit([](const auto& op) { return Op(op); }, step), y);
    }
    return y;
  }
};

TEST_P(NativeFusedInverseFft2d, HasTheBytesOfItsParts) {
  for (int repeat = 0; repeat < 6; ++repeat) {
    const Case c = random_case(repeat % 3 > 0);
    SCOPED_TRACE(shapes(c));
    const Call call = call_of(c.op, c.inputs);
    const KernelEntry& entry = entry_for(native_kernels(), call);
    for (const std::string& set : instruction_sets()) {
      SCOPED_TRACE(set);
      use_native_instruction_set(set);
      const std::vector<Tensor> whole = run(entry, call, c.inputs);
      expect_same(by_parts(c), whole);
      if (entry.needs(call).extent > 1) expect_same(whole, run(entry, call, c.inputs, {1}));
    }
    use_native_instruction_set("auto");
  }
}

TEST_P(NativeFusedInverseFft2d, IsNearItsDefinition) {
  for (const bool pools : {false, true}) {
    const Case c = random_case(pools);
    SCOPED_TRACE(shapes(c));
    const Tensor exact = run_reference_in_double(c.op, c.inputs)[0];
    for (const Tensor& native : run_native_by_target(c.op, c.inputs))
      expect_near(native, exact, [](std::size_t) { return 60 * kUnit; });
  }
}

TEST_P(NativeFusedInverseFft2d, KeepsNaN) {
  Tensor Z(DType::f32, {1, frequencies_of(8), 2, 5});
  Z.values<float>()[2] = std::numeric_limits<float>::quiet_NaN();
  const Fused op = {InverseFft2d{8, {0, 0}, {4, 4}}, {Relu{}, MaxPool2d{}}};
  const auto y = run_native(op, {Z});
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(std::isnan(y[0].values<float>()[i]), i % 5 == 2);
    EXPECT_EQ(y[1].values<std::uint8_t>()[i], 0);
  }
}

TEST_P(NativeFusedInverseFft2d, LeavesOthersToOthers) {
  const std::vector<Tensor> inputs = {normal({1, frequencies_of(8), 2, 3})};
  const auto refuses = [&](const Fused& op) {
    const Call call = call_of(op, inputs);
    EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  };
  const InverseFft2d inverse = {8, {0, 0}, {7, 7}};
  refuses({inverse, {}});
  refuses({inverse, {MaxPool2d{{3, 3}, {2, 2}}}});
  refuses({inverse, {MaxPool2d{{2, 2}, {1, 1}}}});
  refuses({inverse, {MaxPool2d{{2, 2}, {2, 2}, {1, 0, 0, 0}}}});
  refuses({inverse, {MaxPool2d{{2, 2}, {2, 2}, {0, 1, 0, 1}}}});
  refuses({inverse, {Relu{}, Relu{}, MaxPool2d{}}});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeFusedInverseFft2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
