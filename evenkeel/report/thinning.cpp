// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/thinning.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace evenkeel {
namespace {

constexpr std::size_t kLeastPoints = 8;
constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

class Thinner {
 public:
  explicit Thinner(const Points& points) : points_(points) {}

  // What stands for points [begin, end).
  void stretch(std::size_t begin, std::size_t end) {
    std::size_t low = end;
    std::size_t high = end;
    bool gap = false;
    for (std::size_t i = begin; i < end; ++i) {
      const double y = points_.y[i];
      gap = gap || !std::isfinite(y);
      if (!std::isfinite(y)) continue;
      if (low == end || y < points_.y[low]) low = i;
      if (high == end || y > points_.y[high]) high = i;
    }
    if (low != end) {
      keep(std::min(low, high));
      keep(std::max(low, high));
    }
    if (gap) add(points_.x[end - 1], kGap);
  }
  // Nothing that is kept already: stretches come in their order.
  void keep(std::size_t i) {
    if (kept_ > i) return;
    kept_ = i + 1;
    add(points_.x[i], points_.y[i]);
  }
  Points take() { return std::move(result_); }

 private:
  void add(double x, double y) {
    result_.x.push_back(x);
    result_.y.push_back(y);
  }

  const Points& points_;
  Points result_;
  std::size_t kept_ = 0;  // those before are settled
};

}  // namespace

Points thinned(const Points& points, std::size_t most) {
  const std::size_t count = points.x.size();
  most = std::max(most, kLeastPoints);
  if (count <= most) return points;
  const std::size_t stretches = most / 2;
  Thinner thinner(points);
  thinner.keep(0);
  for (std::size_t s = 0; s < stretches; ++s)
    thinner.stretch(count * s / stretches, count * (s + 1) / stretches);
  thinner.keep(count - 1);
  return thinner.take();
}

std::vector<double> smoothed(const std::vector<double>& values, double memory) {
  if (!(memory > 0)) return values;
  const double keep = std::exp(-1 / memory);
  std::vector<double> result;
  result.reserve(values.size());
  double sum = 0;
  double weight = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      sum = weight = 0;
      result.push_back(kGap);
      continue;
    }
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    result.push_back(sum / weight);
  }
  return result;
}

}  // namespace evenkeel
