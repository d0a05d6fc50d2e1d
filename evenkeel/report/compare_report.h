// SPDX-License-Identifier: Apache-2.0
// A comparison for people and programs: one HTML page, JSON of all numbers, a table of text.
#pragma once

#include <string>

#include "evenkeel/study/compare/analysis.h"

namespace evenkeel {

// One file that needs no other and no network: light and dark, narrow and wide.
std::string compare_page(const compare::Results& results);
// On one line; keys are listed in docs/compare.md.
std::string compare_json(const compare::Results& results);
// Median test accuracy at the end, by alternative and learning rate, and the headlines.
std::string compare_text(const compare::Results& results);

// "98.12 %", with the range over seeds and how many diverged: "diverged at step 12".
std::string cell_text(const compare::Cell& cell);

}  // namespace evenkeel
