// SPDX-License-Identifier: Apache-2.0
#include "tests/support/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace evenkeel::test {
namespace {

template <typename T>
std::vector<double> widened(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  std::vector<double> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(),
                 [](T value) { return static_cast<double>(value); });
  return result;
}

// How many times the allowed distance lies between them; at most 1 is close.
double excess(double actual, double expected, double tolerance, double floor) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected))) return 0;
  const double distance = std::abs(actual - expected);
  const double allowed = tolerance * std::max(std::abs(expected), floor);
  if (!std::isfinite(distance) || allowed == 0) return std::numeric_limits<double>::infinity();
  return distance / allowed;
}

}  // namespace

std::vector<double> to_doubles(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::f32:
      return widened<float>(tensor);
    case DType::f64:
      return widened<double>(tensor);
    case DType::u8:
      return widened<std::uint8_t>(tensor);
    case DType::i32:
      return widened<std::int32_t>(tensor);
    case DType::i64:
      return widened<std::int64_t>(tensor);
    default:
      throw InvalidArgument("to_doubles", "no bf16 or bool tensors");
  }
}

testing::AssertionResult close(const Tensor& actual, const Tensor& expected, double tolerance,
                               double floor) {
  if (actual.dtype != expected.dtype || actual.shape != expected.shape)
    return testing::AssertionFailure()
           << "got " << to_string(actual.dtype) << to_string(actual.shape) << ", expected "
           << to_string(expected.dtype) << to_string(expected.shape);
  return close(actual, to_doubles(expected), tolerance, floor);
}

testing::AssertionResult close(const Tensor& actual, const std::vector<double>& expected,
                               double tolerance, double floor) {
  const std::vector<double> values = to_doubles(actual);
  if (values.size() != expected.size())
    return testing::AssertionFailure()
           << "got " << values.size() << " elements, expected " << expected.size();
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double here = excess(values[i], expected[i], tolerance, floor);
    if (here > worst) at = i;
    worst = std::max(worst, here);
  }
  if (worst <= 1) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << testing::PrintToString(values[at]) << " instead of "
         << testing::PrintToString(expected[at]) << " at element " << at << " of "
         << to_string(actual.shape) << ", " << worst << " times the allowed distance";
}

}  // namespace evenkeel::test
