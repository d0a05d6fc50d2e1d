// SPDX-License-Identifier: Apache-2.0
// How far rounding may take values that are normalised in groups, and the gradient through their
// statistics. With u the unit roundoff, d = x - mean, c the mean rounded and delta >= |mean - c|:
// sums of floats are off by kSum of their absolute values, so the variance by 3 kSum (variance +
// delta^2), its inverse root by `inverse_error` of itself, and the mean by kSum sqrt(variance +
// delta^2).
#pragma once

#include <algorithm>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {

// A block of 128 rows is summed by four partial sums of 32 each; blocks are added in double. What
// is summed is rounded up to three times.
inline constexpr double kNormSum = 40 * kUnit;

class NormErrors {
 public:
  // group_of(i): the group of element i of x, from 0.
  template <typename F>
  NormErrors(const Tensor& x, double epsilon, F group_of) : x_(widened(x)) {
    for (std::size_t i = 0; i < values().size(); ++i) group_.push_back(group_of(i));
    groups_.resize(1 + *std::max_element(group_.begin(), group_.end()));
    for (std::size_t i = 0; i < values().size(); ++i) {
      of(i).count += 1;
      of(i).mean += values()[i];
    }
    for (Group& group : groups_) group.mean /= group.count;
    for (std::size_t i = 0; i < values().size(); ++i) {
      of(i).variance += d(i) * d(i) / of(i).count;
      of(i).furthest = std::max(of(i).furthest, d(i));
    }
    for (Group& group : groups_) {
      const double delta = 2 * kUnit * std::abs(group.mean) + 2 * kNormSum * group.furthest;
      const double spread = group.variance + delta * delta;
      group.delta = delta;
      group.inverse = 1 / std::sqrt(group.variance + epsilon);
      group.deviation = std::sqrt(spread);
      group.inverse_error = 2 * kNormSum * spread / (group.variance + epsilon);
    }
  }

  // Of y = gamma xhat + beta.
  double value(std::size_t i, double gamma, double beta, double y) {
    const Group& g = of(i);
    const double xhat =
        (d(i) + g.delta) * (g.inverse_error + 4 * kUnit) + 2 * kNormSum * g.deviation;
    return std::abs(gamma) * g.inverse * xhat + 2 * kUnit * (std::abs(y) + std::abs(beta)) + 1e-37;
  }

  // Of dy xhat.
  double product(std::size_t i, double dy) {
    const Group& g = of(i);
    return 2 * (kNormSum + g.inverse_error) * g.inverse * std::abs(dy) *
           (d(i) + g.delta + g.deviation);
  }

  // The gradient arriving at xhat, gamma dy, of each element: before input_gradient.
  void arrives(std::vector<double> gradient) {
    arriving_ = std::move(gradient);
    for (std::size_t i = 0; i < arriving_.size(); ++i) {
      const double each = std::abs(arriving_[i]) / of(i).count;
      of(i).g += each;
      of(i).products += each * (d(i) + of(i).delta);
    }
  }
  // Of dx = inverse (g - mean(g) - (x - mean) inverse^2 mean(g (x - mean))).
  double input_gradient(std::size_t i) {
    const Group& g = of(i);
    const double along_x = (d(i) + g.delta) * (g.products + g.deviation * g.g);
    const double terms =
        std::abs(arriving_[i]) + g.g + g.inverse * g.inverse * (along_x + g.deviation * g.products);
    return 2 * (kNormSum + 3 * g.inverse_error) * g.inverse * terms + 1e-37;
  }

 private:
  struct Group {
    double count = 0;
    double mean = 0;
    double variance = 0;
    double furthest = 0;
    double delta = 0;
    double inverse = 0;
    double deviation = 0;
    double inverse_error = 0;
    double g = 0;         // mean |g|
    double products = 0;  // mean |g (x - c)|
  };
  std::span<const double> values() const { return x_.values<double>(); }
  Group& of(std::size_t i) { return groups_[group_[i]]; }
  double d(std::size_t i) { return std::abs(values()[i] - of(i).mean); }

  Tensor x_;
  std::vector<std::size_t> group_;
  std::vector<Group> groups_;
  std::vector<double> arriving_;
};

// Sample n of a tensor, as a batch of one.
inline Tensor sample_of(const Tensor& tensor, std::int64_t n) {
  std::vector<std::int64_t> dims(tensor.shape.begin(), tensor.shape.end());
  dims[0] = 1;
  Tensor result(tensor.dtype, Shape(dims));
  std::copy_n(tensor.bytes.begin() + n * static_cast<std::ptrdiff_t>(result.bytes.size()),
              result.bytes.size(), result.bytes.begin());
  return result;
}

// A slice of the batch gives what the whole gives: inputs [0, sampled) have a batch.
inline void expect_samples_alone(const Op& op, const std::vector<Tensor>& inputs,
                                 std::size_t sampled) {
  const std::vector<Tensor> whole = run_native(op, inputs);
  for (std::int64_t n = 0; n < inputs[0].shape[0]; ++n) {
    std::vector<Tensor> alone = inputs;
    for (std::size_t i = 0; i < sampled; ++i) alone[i] = sample_of(inputs[i], n);
    const std::vector<Tensor> results = run_native(op, alone);
    for (std::size_t output = 0; output < whole.size(); ++output)
      expect_same({sample_of(whole[output], n)}, {results[output]});
  }
}

}  // namespace evenkeel::native_test
