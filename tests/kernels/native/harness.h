// SPDX-License-Identifier: Apache-2.0
// Holds native kernels against the reference, on every instruction set of the machine.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/kernels/instruction_set.h"
#include "tests/kernels/native/run.h"

namespace evenkeel::native_test {

inline constexpr double kUnit = 0x1p-24;  // half the distance from 1 to the next float

inline const KernelEntry& entry_for(std::span<const KernelEntry> entries, const Call& call) {
  for (const KernelEntry& entry : entries)
    if (entry.op == call.op.index() && entry.accepts(call)) return entry;
  throw RuntimeFailure(std::string(name_of(call.op)), "no kernel accepts this call");
}

inline bool same_number(const Tensor& a, const Tensor& b, std::size_t i) {
  const std::size_t size = size_of(a.dtype);
  if (a.dtype == DType::f32 && std::isnan(a.values<float>()[i]))
    return std::isnan(b.values<float>()[i]);
  return std::memcmp(&a.bytes[i * size], &b.bytes[i * size], size) == 0;
}

inline Tensor widened(const Tensor& tensor) {
  if (tensor.dtype != DType::f32) return tensor;
  const auto values = tensor.values<float>();
  return Tensor::of(tensor.shape, std::vector<double>(values.begin(), values.end()));
}

// Equal numbers; two NaNs are equal.
inline void expect_same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a == b) return;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t output = 0; output < a.size(); ++output) {
    ASSERT_EQ(a[output].dtype, b[output].dtype);
    ASSERT_EQ(a[output].shape, b[output].shape);
    const auto count = static_cast<std::size_t>(a[output].shape.elements());
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_TRUE(same_number(a[output], b[output], i))
          << "output " << output << " differs at " << i << " of " << to_string(a[output].shape);
  }
}

// Native results: the same bytes on every instruction set, at any cut and in place.
inline std::vector<Tensor> run_native(const Op& op, const std::vector<Tensor>& inputs) {
  const Call call = call_of(op, inputs);
  const KernelEntry& entry = entry_for(native_kernels(), call);
  const Needs needs = entry.needs(call);
  std::vector<std::int64_t> each(static_cast<std::size_t>(needs.extent - 1));
  std::iota(each.begin(), each.end(), 1);
  std::vector<Tensor> first;
  for (const std::string& set : instruction_sets()) {
    SCOPED_TRACE(std::string(entry.name) + " on " + set);
    use_native_instruction_set(set);
    std::vector<Tensor> whole = run(entry, call, inputs);
    if (first.empty()) first = whole;
    expect_same(first, whole);
    expect_same(first, run(entry, call, inputs, each));
    if (needs.extent > 2) {
      const std::int64_t third = needs.extent / 3;
      expect_same(first, run(entry, call, inputs, {third, needs.extent - third}));
    }
    for (const auto& pair : needs.in_place) expect_same(first, run(entry, call, inputs, {}, pair));
  }
  use_native_instruction_set("auto");
  return first;
}

// The same of a kernel that multiplies and adds at once where it can: the first output on each
// instruction set, the same bytes at any cut.
inline std::vector<Tensor> run_native_by_target(const Op& op, const std::vector<Tensor>& inputs) {
  const Call call = call_of(op, inputs);
  const KernelEntry& entry = entry_for(native_kernels(), call);
  std::vector<std::int64_t> each(static_cast<std::size_t>(entry.needs(call).extent - 1));
  std::iota(each.begin(), each.end(), 1);
  std::vector<Tensor> results;
  for (const std::string& set : instruction_sets()) {
    SCOPED_TRACE(std::string(entry.name) + " on " + set);
    use_native_instruction_set(set);
    const std::vector<Tensor> whole = run(entry, call, inputs);
    expect_same(whole, run(entry, call, inputs, each));
    results.push_back(whole[0]);
  }
  use_native_instruction_set("auto");
  return results;
}

inline std::vector<Tensor> run_reference(const Op& op, const std::vector<Tensor>& inputs) {
  const Call call = call_of(op, inputs);
  return run(entry_for(reference_kernels(), call), call, inputs);
}

// The reference's on the same numbers in f64.
inline std::vector<Tensor> run_reference_in_double(const Op& op,
                                                   const std::vector<Tensor>& inputs) {
  std::vector<Tensor> wide;
  wide.reserve(inputs.size());
  for (const Tensor& input : inputs) wide.push_back(widened(input));
  return run_reference(op, wide);
}

// |native - exact| <= tolerance(i), or both not finite.
inline void expect_near(const Tensor& native, const Tensor& exact,
                        const std::function<double(std::size_t)>& tolerance) {
  std::vector<double> a;
  if (native.dtype == DType::f64)
    a.assign(native.values<double>().begin(), native.values<double>().end());
  else
    a.assign(native.values<float>().begin(), native.values<float>().end());
  const auto b = exact.values<double>();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(b[i])) {
      ASSERT_FALSE(std::isfinite(a[i])) << "at " << i;
      continue;
    }
    ASSERT_LE(std::abs(a[i] - b[i]), tolerance(i))
        << "at " << i << " of " << to_string(native.shape) << ": " << a[i] << " for " << b[i];
  }
}

// Random shapes and numbers; the seed is in every failure's text.
class NativeKernels : public ::testing::TestWithParam<int> {
 protected:
  NativeKernels()
      : random_(static_cast<std::uint32_t>(GetParam())), trace_(__FILE__, __LINE__, seed()) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  // Normal with the given mean and deviation.
  Tensor normal(const Shape& shape, double mean = 0, double deviation = 1) {
    std::normal_distribution<double> distribution(mean, deviation);
    Tensor tensor(DType::f32, shape);
    for (float& value : tensor.values<float>()) value = static_cast<float>(distribution(random_));
    return tensor;
  }

  // One value in `every` becomes NaN, infinite, a zero of either sign or a denormal.
  Tensor with_specials(Tensor tensor, std::int64_t every = 16) {
    constexpr float inf = std::numeric_limits<float>::infinity();
    const std::array specials = {
        std::numeric_limits<float>::quiet_NaN(), inf, -inf, -0.0F, 0.0F, 1e-40F};
    for (float& value : tensor.values<float>())
      if (between(1, every) == 1)
        value = specials[static_cast<std::size_t>(between(0, specials.size() - 1))];
    return tensor;
  }

  Tensor constant_f64(const Shape& shape, double value) {
    return Tensor::of(shape,
                      std::vector<double>(static_cast<std::size_t>(shape.elements()), value));
  }

  // [rows,C] or [N,H,W,C].
  Shape random_shape() {
    const std::int64_t C = between(1, 70);
    if (between(0, 1) == 0) return {between(1, 300), C};
    return {between(1, 6), between(1, 9), between(1, 9), C};
  }

  std::mt19937 random_;

 private:
  static std::string seed() { return "seed " + std::to_string(GetParam()); }
  ::testing::ScopedTrace trace_;
};

}  // namespace evenkeel::native_test
