// SPDX-License-Identifier: Apache-2.0
// Charts of what training measured, by step.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evenkeel/report/line_chart.h"
#include "evenkeel/train/metrics_log.h"

namespace evenkeel {

// A chart, and how its numbers are written.
struct Curve {
  LineChart chart;
  std::string (*text)(double) = nullptr;
};

// Loss, accuracy, learning rate, images a second; those of which there is something. Lines have
// about `points` points each. A value that is not finite is a gap, and the first one of the loss a
// cross.
std::vector<Curve> curves_of(const std::vector<MetricsRow>& rows, std::size_t points);

// One line a run, styled by its place: accuracy and loss on validation images, training loss,
// learning rate.
struct NamedRows {
  std::string name;
  const std::vector<MetricsRow>* rows = nullptr;
  int style = 0;
};
std::vector<Curve> shared_curves(const std::vector<NamedRows>& runs, std::size_t points);

}  // namespace evenkeel
