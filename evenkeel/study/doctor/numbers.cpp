// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "evenkeel/base/bf16.h"

namespace evenkeel::doctor {
namespace {

template <typename T>
Numbers widened(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  return Numbers(values.begin(), values.end());
}

}  // namespace

Numbers numbers_of(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::f32:
      return widened<float>(tensor);
    case DType::f64:
      return widened<double>(tensor);
    case DType::bf16:
      return widened<Bf16>(tensor);
    case DType::i64:
      return widened<std::int64_t>(tensor);
    case DType::i32:
      return widened<std::int32_t>(tensor);
    default:
      return {};
  }
}

std::optional<std::int64_t> count_of(const Numbers& numbers) {
  constexpr double kMost = 1e18;
  if (numbers.size() != 1 || !(numbers[0] >= 0 && numbers[0] <= kMost)) return std::nullopt;
  return static_cast<std::int64_t>(numbers[0]);
}

double quantile(Numbers values, double q) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }),
               values.end());
  if (values.empty()) return std::nan("");
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::lround(q * last));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double share_below(const Numbers& values, double limit) {
  if (values.empty()) return 0;
  const auto below =
      std::count_if(values.begin(), values.end(), [&](double value) { return value < limit; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

double norm(const Numbers& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

std::string percent(double share) {
  const double hundredths = 100 * share;
  if (hundredths == 0 || hundredths >= 9.95) return fmt::format("{:.0f} %", hundredths);
  return hundredths >= 0.095 ? fmt::format("{:.1f} %", hundredths)
                             : fmt::format("{:.1g} %", hundredths);
}

std::string text(double number) {
  if (std::abs(number) >= 1000 && std::abs(number) < 1e6)
    return text(static_cast<std::int64_t>(std::llround(number)));
  std::string digits = fmt::format("{:.3g}", number);
  const std::size_t exponent = digits.find("e-0");
  if (exponent != std::string::npos) digits.erase(exponent + 2, 1);  // 1e-5, not 1e-05
  return digits;
}

std::string text(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::ptrdiff_t from = count < 0 ? 1 : 0;
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > from; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string counted(std::int64_t count, const std::string& what) {
  return text(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace evenkeel::doctor
