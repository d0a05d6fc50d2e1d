// SPDX-License-Identifier: Apache-2.0
// The preset "statistics": one training, whose weights do not depend on moving statistics, looked
// at with several sets of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evenkeel/study/compare/record.h"
#include "evenkeel/study/compare/training.h"

namespace evenkeel::compare {

// All rules, in the table's order.
std::vector<std::string> rule_names();

// Beside each pair of moving statistics one more for every rule that moves them.
Graph with_rules(const Graph& step);

// The steps that are looked at: 50, 100 and the last.
bool rules_are_due(std::int64_t step, std::int64_t steps);
// Test accuracy with each rule's statistics, as the training is now.
void append_rules(Training& training, const Splits& data, std::vector<StatisticsPoint>& points);

}  // namespace evenkeel::compare
