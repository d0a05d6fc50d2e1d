// SPDX-License-Identifier: Apache-2.0
// Which parameter mattered: shares of the variance of the scores over all runs of a sweep.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/study/sweep/space.h"

namespace evenkeel::sweep {

struct Observation {
  Values values;
  double score = 0;  // NaN: the run diverged, which counts as the worst score of the others
};

// factorial: all values are choices, and every combination is there equally often. Shares are then
// the main effects of the
//   analysis of variance, SS_p / SS, SS_p = n_v sum_v (mean of value v - mean)^2; what is left
//   between combinations is `interactions`, what is left within them `seeds`, and all add up to 1.
// binned: anything else. Numbers of a parameter with more than kMostLevels values are put into bins
//   of about equal counts, and the share is epsilon^2 = (SS_p - (v - 1) MS_rest) / SS (Kelley
//   1935), at least 0, which takes away what as many bins would explain by chance. Shares need not
//   add up.
enum class ImportanceMethod { factorial, binned };
inline constexpr std::size_t kMostLevels = 5;

struct ParameterImportance {
  std::string key;
  double share = 0;
};

struct Importance {
  ImportanceMethod method = ImportanceMethod::factorial;
  std::vector<ParameterImportance> parameters;  // the most important first
  double interactions = 0;                      // of factorial
  double seeds = 0;                             // of factorial
  std::string nothing;  // why there is no importance to speak of; empty where there is
};

Importance importance_of(const std::vector<Parameter>& parameters,
                         std::vector<Observation> observations);

}  // namespace evenkeel::sweep
