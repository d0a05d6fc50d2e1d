// SPDX-License-Identifier: Apache-2.0
// How exact float kernels are: the root mean square of a kernel's error against the same op in f64,
// in units of the reference's error in f32. Where the reference computes in double inside, the unit
// is that of rounding the exact result once.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {

// What inputs look like: normal numbers of either sign, or images: bytes / 255, every other one 0.
enum class Numbers { normal, pixels };

class Draw {
 public:
  Draw(std::uint32_t seed, Numbers numbers) : random_(seed), numbers_(numbers) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool coin() { return between(0, 1) == 0; }
  // Of a batch, such as x: normal or pixels.
  Tensor data(const Shape& shape) {
    if (numbers_ == Numbers::normal) return normal(shape);
    Tensor tensor(DType::f32, shape);
    for (float& value : tensor.values<float>())
      value = coin() ? 0.0F : static_cast<float>(between(0, 255)) / 255.0F;
    return tensor;
  }
  // Of weights and slopes, which have either sign whatever the data are.
  Tensor normal(const Shape& shape, double mean = 0, double deviation = 1) {
    std::normal_distribution<double> distribution(mean, deviation);
    Tensor tensor(DType::f32, shape);
    for (float& value : tensor.values<float>()) value = static_cast<float>(distribution(random_));
    return tensor;
  }
  Tensor squares(const Shape& shape) {
    Tensor tensor = normal(shape);
    for (float& value : tensor.values<float>()) value *= value;
    return tensor;
  }
  Tensor normal_f64(const Shape& shape) {
    const Tensor narrow = normal(shape);
    const auto values = narrow.values<float>();
    return Tensor::of(shape, std::vector<double>(values.begin(), values.end()));
  }
  Tensor integers(const Shape& shape, std::int64_t low, std::int64_t high) {
    Tensor tensor(DType::i32, shape);
    for (std::int32_t& value : tensor.values<std::int32_t>())
      value = static_cast<std::int32_t>(between(low, high));
    return tensor;
  }
  Tensor count(std::int64_t most) { return Tensor::of({}, std::vector{between(0, most)}); }

 private:
  std::mt19937 random_;
  Numbers numbers_;
};

// Of one output, over all that was measured.
class Error {
 public:
  // Relative to the size of each exact result, so that all weigh alike.
  void add(const Tensor& native, const Tensor& reference, const Tensor& exact) {
    const auto e = exact.values<double>();
    double size = 0, of_native = 0, of_reference = 0, of_rounding = 0;
    for (std::size_t i = 0; i < e.size(); ++i) {
      size += e[i] * e[i];
      of_native += squared(at(native, i) - e[i]);
      of_reference += squared(at(reference, i) - e[i]);
      of_rounding += squared(static_cast<double>(static_cast<float>(e[i])) - e[i]);
    }
    if (!(size > 0)) return;
    native_ += of_native / size;
    unit_ += std::max(of_reference, of_rounding) / size;
  }
  // 0 where there is no error at all.
  double in_units() const { return native_ == 0 ? 0 : std::sqrt(native_ / unit_); }

 private:
  static double squared(double x) { return x * x; }
  static double at(const Tensor& tensor, std::size_t i) {
    if (tensor.dtype == DType::f64) return tensor.values<double>()[i];
    return static_cast<double>(tensor.values<float>()[i]);
  }
  double native_ = 0;
  double unit_ = 0;
};

// The op as it is in f64: some name the dtype that they give.
inline Op in_double(Op op) {
  if (auto* scale = std::get_if<Scale>(&op)) scale->dtype = DType::f64;
  if (auto* variance = std::get_if<ChannelVariance>(&op)) variance->dtype = DType::f64;
  return op;
}

// Adds what the native kernel for these inputs errs by to the errors, one for each output of each
// instruction set.
inline void measure(const Op& op, const std::vector<Tensor>& inputs,
                    std::vector<std::vector<Error>>& errors) {
  const Call call = call_of(op, inputs);
  const KernelEntry& entry = entry_for(native_kernels(), call);
  const auto reference = run_reference(op, inputs);
  const auto exact = run_reference_in_double(in_double(op), inputs);
  const std::vector<std::string> sets = instruction_sets();
  errors.resize(sets.size());
  for (std::size_t set = 0; set < sets.size(); ++set) {
    use_native_instruction_set(sets[set]);
    const auto native = run(entry, call, inputs);
    errors[set].resize(native.size());
    for (std::size_t i = 0; i < native.size(); ++i)
      if (is_float(native[i].dtype) && exact[i].dtype == DType::f64)
        errors[set][i].add(native[i], reference[i], exact[i]);
  }
  use_native_instruction_set("auto");
}

}  // namespace evenkeel::native_test
