// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

// An accuracy of 1 is shown as if one image of a hundred thousand were wrong.
constexpr double kLeastError = 1e-5;

double stretched(double value, AxisScale scale) {
  switch (scale) {
    case AxisScale::log:
      return value > 0 ? std::log10(value) : std::nan("");
    case AxisScale::accuracy:
      return -std::log10(std::max(1 - value, kLeastError));
    default:
      return value;
  }
}

double unstretched(double place, AxisScale scale) {
  switch (scale) {
    case AxisScale::log:
      return std::pow(10, place);
    case AxisScale::accuracy:
      return 1 - std::pow(10, -place);
    default:
      return place;
  }
}

// 1, 2 or 5 times a power of ten.
double round_step(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999) return factor * power;
  return 10 * power;
}

std::vector<double> linear_ticks(double low, double high, int count) {
  const double step = round_step((high - low) / std::max(1, count));
  std::vector<double> ticks;
  const double slack = step * 1e-6;
  for (double k = std::ceil((low - slack) / step); k * step <= high + slack; ++k)
    ticks.push_back(k == 0 ? 0 : k * step);
  return ticks;
}

// Decades, or where there are fewer than three, also twice and five times them.
std::vector<double> log_ticks(double low, double high, int count) {
  const auto first = static_cast<int>(std::floor(std::log10(low)));
  const auto last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = std::max(1, (last - first + count - 1) / std::max(1, count));
  const bool few = std::log10(high / low) < 2.5;
  std::vector<double> ticks;
  for (int power = first; power <= last; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor != 1 && !few) continue;
      if (factor == 1 && (power - first) % every != 0) continue;
      const double tick = factor * std::pow(10, power);
      if (tick >= low * 0.999999 && tick <= high * 1.000001) ticks.push_back(tick);
    }
  }
  return ticks;
}

std::vector<double> accuracy_ticks(double low, double high, int count) {
  const Axis error(std::max(1 - high, kLeastError), std::max(1 - low, 2 * kLeastError),
                   AxisScale::log);
  std::vector<double> ticks;
  for (const double each : log_ticks(error.low(), error.high(), count)) ticks.push_back(1 - each);
  std::reverse(ticks.begin(), ticks.end());
  return ticks;
}

std::string with_digits(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  return text.find_first_not_of("-0.") == std::string::npos ? fmt::format("{:.{}f}", 0.0, digits)
                                                            : text;
}

// Digits behind the point that tell multiples of `step` apart.
int digits_of(double step) {
  for (int digits = 0; digits < 9; ++digits) {
    const double scaled = step * std::pow(10, digits);
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * std::max(1.0, scaled)) return digits;
  }
  return 9;
}

constexpr double kLargeInFull = 1e6;
constexpr double kSmallInFull = 1e-4;

}  // namespace

Axis::Axis(double low, double high, AxisScale scale) : low_(low), high_(high), scale_(scale) {}

Axis Axis::around(const std::vector<double>& values, AxisScale scale, bool room) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    const double place = stretched(value, scale);
    if (!std::isfinite(value) || !std::isfinite(place)) continue;
    low = std::min(low, place);
    high = std::max(high, place);
  }
  if (low > high) return scale == AxisScale::log ? Axis(0.1, 1, scale) : Axis(0, 1, scale);
  const double size = std::max(std::abs(low), std::abs(high));
  if (high - low < 1e-9 * std::max(size, 1e-12)) {  // one number: something on either side
    const double half = scale == AxisScale::linear && size > 0 ? size / 2 : 0.5;
    low -= half;
    high += half;
  } else if (room) {
    const double more = (high - low) / 25;
    low -= more;
    high += more;
  }
  return {unstretched(low, scale), unstretched(high, scale), scale};
}

double Axis::place(double value) const {
  const double low = stretched(low_, scale_);
  const double high = stretched(high_, scale_);
  return (stretched(value, scale_) - low) / (high - low);
}

std::vector<double> Axis::ticks(int count) const {
  if (scale_ == AxisScale::log) {
    auto ticks = log_ticks(low_, high_, count);
    return ticks.size() >= 2 ? ticks : linear_ticks(low_, high_, count);
  }
  if (scale_ == AxisScale::accuracy) {
    auto ticks = accuracy_ticks(low_, high_, count);
    return ticks.size() >= 2 ? ticks : linear_ticks(low_, std::min(high_, 1.0), count);
  }
  return linear_ticks(low_, high_, count);
}

std::vector<std::string> Axis::labels(const std::vector<double>& ticks) const {
  std::vector<std::string> labels;
  double step = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < ticks.size(); ++i) step = std::min(step, ticks[i] - ticks[i - 1]);
  double largest = 0;
  for (const double tick : ticks) largest = std::max(largest, std::abs(tick));
  for (const double tick : ticks) {
    if (scale_ == AxisScale::accuracy) {
      labels.push_back(with_digits(100 * tick, std::min(4, digits_of(100 * (1 - tick)))) + " %");
    } else if (scale_ == AxisScale::log) {
      labels.push_back(short_number(tick));
    } else if (largest >= kLargeInFull || (largest > 0 && largest < kSmallInFull)) {
      labels.push_back(tick == 0 ? "0" : fmt::format("{:.3g}", tick));
    } else if (std::isfinite(step) && digits_of(step) > 0) {
      labels.push_back(with_digits(tick, digits_of(step)));
    } else {
      labels.push_back(with_thousands(std::llround(tick)));
    }
  }
  return labels;
}

std::string short_number(double value) {
  if (std::isnan(value)) return "n/a";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= kLargeInFull || size < kSmallInFull) {
    const std::string text = fmt::format("{:.2e}", value);  // "1.20e-07"
    std::string digits = text.substr(0, text.find('e'));
    if (digits.find('.') != std::string::npos) {
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.back() == '.') digits.pop_back();
    }
    return digits + fmt::format("e{}", std::stoi(text.substr(text.find('e') + 1)));
  }
  if (size >= 1000) return with_thousands(std::llround(value));
  return fmt::format("{:.3g}", value);
}

std::string percent_text(double share, int digits) {
  if (!std::isfinite(share)) return "n/a";
  return fmt::format("{:.{}f} %", 100 * share, digits);
}

}  // namespace evenkeel
