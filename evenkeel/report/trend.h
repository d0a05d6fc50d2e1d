// SPDX-License-Identifier: Apache-2.0
// The course of a value in bounded memory, for a small curve.
#pragma once

#include <cstdint>
#include <vector>

namespace evenkeel {

// Values one after the other, of which no more than 64 means are kept, each of as many neighbours:
// what was there first does not move out of sight.
class Trend {
 public:
  void add(double value);
  std::vector<double> means() const;

 private:
  std::vector<double> sums_;  // each of each_ values, the last one of in_last_
  std::int64_t each_ = 1;
  std::int64_t in_last_ = 0;
};

}  // namespace evenkeel
