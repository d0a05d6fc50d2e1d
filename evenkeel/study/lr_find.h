// SPDX-License-Identifier: Apache-2.0
// The learning rate range test: trains a network of its own for a few steps, each with a larger
// rate than the one before, and looks at where the loss falls and where it grows.
// Source: Smith 2015, "Cyclical learning rates for training neural networks" (arXiv 1506.01186),
// section 3.3, with the exponential rates, the smoothing and the end that fastai's lr_find has.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// One step; `loss` is that of its batch before the update.
struct LrPoint {
  double rate = 0;
  double loss = 0;
  double smoothed = 0;
};

// Why the test ended. Every way is a result.
enum class LrEnd { all_steps, diverged, not_finite, stopped };

// found: the rates below mean something. The others say why they do not.
//   too_few   fewer than kFewestLrPoints steps before the end
//   rising    the loss is smallest within the first tenth of the steps
//   flat      it falls by less than a fiftieth of where it starts
//   noisy     it falls by less than five standard errors of the smoothed loss
enum class LrVerdict { found, too_few, rising, flat, noisy };
inline constexpr std::size_t kFewestLrPoints = 20;

struct LrSuggestion {
  LrVerdict verdict = LrVerdict::too_few;
  // The geometric mean of the next two, but at most the second; the first alone where the loss
  // still fell at the end, because the second then says nothing.
  double rate = 0;
  double steepest_rate = 0;   // where the smoothed loss falls fastest, over ln(rate)
  double tenth_rate = 0;      // a tenth of minimum_rate
  double minimum_rate = 0;    // where the smoothed loss is smallest
  double steepest_slope = 0;  // loss for each factor of ten of the rate, below 0
  double start_loss = 0;      // mean of the first tenth
  double minimum_loss = 0;
  double noise = 0;            // standard error of the smoothed loss
  bool still_falling = false;  // the smallest loss is the last: larger rates were not tried
};

struct LrFind {
  std::vector<LrPoint> points;
  LrEnd end = LrEnd::all_steps;
  std::string end_text;  // where it was not finite, what the trainer said
  LrSuggestion suggestion;
};

struct LrFindOptions {
  double from = 1e-7;
  double to = 10;
  std::int64_t steps = 200;
  std::int64_t batch = 128;
  double smoothing = 0.95;               // what the smoothed loss keeps of itself, from 0, below 1
  double diverged_at = 4;                // times the smallest smoothed loss: the end
  TrainerOptions trainer = {.seed = 1};  // its schedule is not used
  Augmentation augment = {};
  std::int64_t accumulate = 1;
  std::function<bool()> stop = {};  // asked after each step
  std::function<void(const LrPoint&)> on_step = {};
};

// Initial weights by the seed, as a run's. InvalidArgument for options that make no sense.
EVENKEEL_API LrFind lr_find(const Model& model, Loss loss, const Optimizer& optimizer,
                            const Dataset& data, const LrFindOptions& options = {});

// The rate of step i (from 0) of n: from (to / from)^(i / (n - 1)).
EVENKEEL_API double lr_find_rate(const LrFindOptions& options, std::int64_t step);
// What is to be made of a curve, whatever made it; points that are not finite do not count.
EVENKEEL_API LrSuggestion suggest_rate(const std::vector<LrPoint>& points,
                                       double smoothing = LrFindOptions{}.smoothing);

// "found", "too-few", ...; "all-steps", "diverged", "not-finite", "stopped".
EVENKEEL_API std::string_view to_string(LrVerdict verdict);
EVENKEEL_API std::string_view to_string(LrEnd end);

}  // namespace evenkeel
