// SPDX-License-Identifier: Apache-2.0
// Averages of the weights over the steps of a run, to evaluate, save and predict with.
#pragma once

#include <cstdint>

namespace evenkeel {

// ema: a <- k a + (1 - k) w after each step, k = min(keep, (t + 1) / (t + 10)) after t steps
//   (Polyak & Juditsky 1992; TensorFlow's ExponentialMovingAverage with num_updates).
// swa: the plain mean of the weights after every `every`-th step behind `start` of them (Izmailov
//   et al. 2018, arXiv 1803.05407).
// The statistics of batch norm are those of no network that was trained: an average is to be had
// with recalibrated ones alone (train/recalibrate.h), and InvalidArgument says so.
struct WeightAverage {
  enum class Kind { none, ema, swa };
  Kind kind = Kind::none;
  double keep = 0.999;     // of ema
  std::int64_t start = 0;  // of swa, in steps
  std::int64_t every = 1;  // of swa, in steps
  static WeightAverage ema(double keep = 0.999) { return {Kind::ema, keep, 0, 1}; }
  static WeightAverage swa(std::int64_t start, std::int64_t every = 1) {
    return {Kind::swa, 0.999, start, every};
  }
  friend bool operator==(const WeightAverage&, const WeightAverage&) = default;
};

}  // namespace evenkeel
