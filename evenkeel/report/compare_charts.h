// SPDX-License-Identifier: Apache-2.0
// Charts of a comparison: which numbers of which runs make which lines.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/report/line_chart.h"
#include "evenkeel/study/compare/analysis.h"

namespace evenkeel {

enum class Over { steps, seconds };

// Colour and dashes of an alternative, the same in every chart.
int style_of(const compare::Study& study, std::size_t alternative);

// Medians over seeds, with a band from the smallest to the largest, of the given cells.
LineChart accuracy_chart(const compare::Analysis& analysis,
                         const std::vector<const compare::Cell*>& cells, Over over);
LineChart loss_chart(const compare::Analysis& analysis,
                     const std::vector<const compare::Cell*>& cells, Over over);

// What goes into an activation, 15, 50 and 85 %, of the first run of a cell.
enum class Units { all, one };
LineChart quantile_chart(const compare::Cell& cell, const std::string& layer, Units units,
                         int style);
// Gradient norms of all kernels over steps, of the first run of a cell.
LineChart gradient_chart(const compare::Cell& cell);

// Test accuracy after each step looked at, by the rule of the statistics.
LineChart statistics_chart(const compare::Results& results);

}  // namespace evenkeel
