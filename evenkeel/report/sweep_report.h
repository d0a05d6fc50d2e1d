// SPDX-License-Identifier: Apache-2.0
// A sweep for people: a table of text, one HTML page, a line for each run that ends.
#pragma once

#include <string>

#include "evenkeel/study/sweep/analysis.h"

namespace evenkeel::sweep {

// The table with the best combinations first, what mattered, and how to train the best.
std::string sweep_text(const sweep::Sweep& sweep);
// One file that needs no other and no network.
std::string sweep_page(const sweep::Sweep& sweep);
// "003-lr-0.1: 98.12 % after 3 epochs, 0:12", "004-lr-10: diverged: ...".
std::string run_line(const sweep::Sweep& sweep, std::size_t trial);

// Sentences of both.
// "16 runs, a grid of train.lr (4) and train.batch (2): 15 done, 1 diverged".
std::string sweep_summary(const sweep::Sweep& sweep);
// "Best: ... 98.71 % ± 0.05 of the validation images"; empty where there is none.
std::string best_sentence(const sweep::Sweep& sweep);
// The words that train the best combination; empty where there is none.
std::string best_command(const sweep::Sweep& sweep);
// "Of the variance of validation accuracy over 16 runs: train.lr 81 %, ...", and by which method.
std::string importance_sentence(const sweep::Sweep& sweep);
// "98.71 %", "0.0412": what the plan judges by.
std::string score_text(double score, sweep::Metric metric);

}  // namespace evenkeel::sweep
