// SPDX-License-Identifier: Apache-2.0
// Pictures of a sweep: which numbers of which runs make which squares and lines.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/report/heat_map.h"
#include "evenkeel/report/line_chart.h"
#include "evenkeel/study/sweep/analysis.h"

namespace evenkeel::sweep {

struct SweepMap {
  std::string title;  // "with batch norm"; empty where there is one map alone
  HeatMap map;
};

// Learning rate by batch size where both are varied, else the two parameters that matter most; a
// square is the best of the combinations that fall on it, mean over seeds. One map with and one
// without batch norm where that is varied, in the same shades. None where nothing has a score.
std::vector<SweepMap> sweep_maps(const sweep::Sweep& sweep);

// Lines of all runs, the best one in front of the others; colours tell the values of the parameter
// that matters most apart, and `colours` names them.
struct SweepCurves {
  LineChart chart;
  std::vector<ChartSeries> colours;
};
SweepCurves validation_curves(const sweep::Sweep& sweep);
SweepCurves training_curves(const sweep::Sweep& sweep);

// "lr 0.01, batch 64"
std::string values_text(const sweep::Sweep& sweep, const sweep::Values& values);

}  // namespace evenkeel::sweep
