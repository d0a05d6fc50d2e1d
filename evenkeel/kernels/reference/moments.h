// SPDX-License-Identifier: Apache-2.0
// Count, mean and M2 of one channel, and their union.
#pragma once

namespace evenkeel::reference {

struct Moments {
  double count = 0;
  double mean = 0;
  double M2 = 0;  // sum (x - mean)^2
};

// Chan, Golub & LeVeque 1979; an empty side changes nothing.
inline Moments merge(const Moments& a, const Moments& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double count = a.count + b.count;
  const double d = b.mean - a.mean;
  return {count, a.mean + d * b.count / count, a.M2 + b.M2 + d * d * a.count * b.count / count};
}

}  // namespace evenkeel::reference
