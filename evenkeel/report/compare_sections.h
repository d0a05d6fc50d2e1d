// SPDX-License-Identifier: Apache-2.0
// The parts of a comparison's page, each a heading with what belongs to it.
#pragma once

#include <string>

#include "evenkeel/study/compare/analysis.h"

namespace evenkeel {

// What is claimed of batch norm, with a verdict and its numbers; where batch norm loses.
std::string verdict_section(const compare::Analysis& analysis);
// Sentence by sentence, for presets that have one.
std::string paper_section(const compare::Analysis& analysis);
// Accuracy and loss, each alternative at its best rate.
std::string curve_section(const compare::Analysis& analysis);
// Learning rate by alternative, as a table and as small charts.
std::string rate_section(const compare::Analysis& analysis);
std::string activation_section(const compare::Analysis& analysis);
std::string gradient_section(const compare::Analysis& analysis);
std::string histogram_section(const compare::Analysis& analysis);
std::string time_section(const compare::Analysis& analysis);
// Of the preset "statistics".
std::string statistics_section(const compare::Results& results);

}  // namespace evenkeel
