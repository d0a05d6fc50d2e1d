// SPDX-License-Identifier: Apache-2.0
// What one run of a comparison measured.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace evenkeel::compare {

// Seconds are those of training steps alone: no evaluations, no measurements.
struct LossPoint {
  std::int64_t step = 0;
  double seconds = 0;
  double loss = 0;  // mean of the batches since the last point, each before its update
};

struct TestPoint {
  std::int64_t step = 0;
  double seconds = 0;
  double loss = 0;
  double accuracy = 0;
};

using Quantiles = std::array<double, 3>;  // 15, 50 and 85 %

struct ActivationPoint {
  std::string layer;
  Quantiles all = {};   // of what goes into the activation, over all images and units
  Quantiles unit = {};  // the same of the unit in the middle
};

struct GradientPoint {
  std::string layer;
  double norm = 0;  // of its kernel's gradient
};

// On the same images at each step, with batch statistics.
struct ProbePoint {
  std::int64_t step = 0;
  std::vector<ActivationPoint> activations;
  std::vector<GradientPoint> gradients;
};

struct Histogram {
  double low = 0;
  double high = 0;
  std::vector<std::int64_t> counts;
};

// gamma, beta, moving_mean, moving_variance of a norm at the run's end.
struct NormHistograms {
  std::string layer;
  std::vector<std::pair<std::string, Histogram>> tensors;
};

// Test accuracy after a step with one set of statistics; of the preset "statistics".
struct StatisticsPoint {
  std::int64_t step = 0;
  std::string rule;
  double accuracy = 0;
  double loss = 0;
};

struct Divergence {
  std::int64_t step = 0;  // that could not be made
  std::string layer;      // where a value that is not finite appeared first
};

struct RunRecord {
  std::string run;  // Run::name
  std::vector<LossPoint> losses;
  std::vector<TestPoint> tests;
  std::vector<ProbePoint> probes;
  std::vector<NormHistograms> norms;
  std::vector<StatisticsPoint> statistics;
  std::int64_t steps = 0;   // done
  double seconds = 0;       // in them
  double step_seconds = 0;  // median
  std::int64_t test_images = 0;
  std::optional<Divergence> diverged;
};

// Numbers that are not finite become null, and NaN where they are read back.
std::string to_json(const RunRecord& result);
// DataError naming `where` for what is not such a text.
RunRecord record_from_json(const std::string& where, const std::string& text);

}  // namespace evenkeel::compare
