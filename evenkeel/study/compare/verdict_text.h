// SPDX-License-Identifier: Apache-2.0
// Numbers as verdicts tell them.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/study/compare/analysis.h"

namespace evenkeel::compare {

std::string percent(double accuracy);  // "98.12 %"
std::string count_text(double count);  // "12,300"
std::string seconds_text(double seconds);
std::string ratio_text(double value);  // two digits
// "2.5 times faster", "1.2 times slower".
std::string times_text(double factor, const char* more, const char* less);
// The alternative in quotes, with its rate where there are several.
std::string name_of(const Analysis& analysis, const Cell& cell);

// All the same, or in part.
Verdict together(const std::vector<Verdict>& verdicts);

// "more stable distributions": what goes into one unit of the last hidden layer, over training.
Judgement stability(const Analysis& analysis);
// "wider range of learning rates"; unknown for fewer than two.
Judgement rates(const Analysis& analysis);

}  // namespace evenkeel::compare
