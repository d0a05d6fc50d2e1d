// SPDX-License-Identifier: Apache-2.0
// Axes of charts: from numbers to places, and which numbers are written beside them.
#pragma once

#include <string>
#include <vector>

namespace evenkeel {

// log: powers of ten lie equally far apart. accuracy: as far from 1 as the logarithm of the error,
// so that 0.9, 0.99 and 0.999 lie equally far apart.
enum class AxisScale { linear, log, accuracy };

class Axis {
 public:
  // Holds all of `values` that its scale can show, with a little room where `room`.
  static Axis around(const std::vector<double>& values, AxisScale scale, bool room = true);
  Axis(double low, double high, AxisScale scale);

  double low() const { return low_; }
  double high() const { return high_; }
  AxisScale scale() const { return scale_; }
  // 0 at the low end, 1 at the high one; NaN for what the scale cannot show.
  double place(double value) const;
  // Round numbers within the axis, about `count` of them.
  std::vector<double> ticks(int count) const;
  // The ticks as text, with as many digits as tell them apart: "20,000", "0.05", "1e-6", "98 %".
  std::vector<std::string> labels(const std::vector<double>& ticks) const;

 private:
  double low_;
  double high_;
  AxisScale scale_;
};

// Three digits that matter: "0.0123", "1.2e-7", "12,300".
std::string short_number(double value);
// "98.12 %", "n/a" for NaN.
std::string percent_text(double share, int digits = 2);

}  // namespace evenkeel
