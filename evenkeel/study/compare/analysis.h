// SPDX-License-Identifier: Apache-2.0
// What the records of all runs say together: medians over seeds, the best rate of each alternative,
// and verdicts on what is claimed of batch norm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/compare/record.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {

struct Results {
  Study study;
  std::vector<RunRecord> records;    // in the order of runs_of(study)
  std::vector<double> step_seconds;  // of each alternative, measured in turns before the runs
};

// The middle of the values, the mean of the two middle ones where they are even in number; NaN for
// none.
double median(std::vector<double> values);

// An alternative at a learning rate, over its seeds.
struct Cell {
  std::size_t alternative = 0;
  std::size_t learning_rate = 0;
  std::vector<const RunRecord*> runs;
  std::vector<double> accuracies;      // at the end, of the runs that did not diverge
  std::vector<std::int64_t> diverged;  // the steps at which the others did
  double accuracy() const { return median(accuracies); }
  bool mostly_diverged() const { return 2 * diverged.size() >= runs.size() && !diverged.empty(); }
};

class Analysis {
 public:
  // `results` must outlive it.
  explicit Analysis(const Results& results);

  const Results& results() const { return results_; }
  const Cell& cell(std::size_t alternative, std::size_t learning_rate) const;
  // The cell with the best median accuracy; empty where all diverged.
  const Cell* best(std::size_t alternative) const;
  const Alternative& alternative(const Cell& cell) const {
    return results_.study.alternatives[cell.alternative];
  }
  double rate(const Cell& cell) const { return results_.study.learning_rates[cell.learning_rate]; }

 private:
  const Results& results_;
  std::vector<Cell> cells_;
};

// Batch norm and what it is held against: the alternatives without a norm and of the same initial
// weights. Empty where the study has none of either.
struct Pair {
  std::size_t plain = 0;
  std::size_t normed = 0;
};
std::vector<Pair> pairs_of(const Study& study);

// The first step, and its seconds, at which the median seed's test accuracy is at least `target`;
// empty where it never is.
struct Reached {
  double steps = 0;
  double seconds = 0;
};
std::optional<Reached> reached(const Cell& cell, double target);

// Norm of the first kernel's gradient over that of the last hidden layer's, medians over seeds:
// before the first step, and the median over what was looked at in training. NaN where there are
// fewer than two hidden layers.
struct GradientRatio {
  double start = 0;
  double training = 0;
};
GradientRatio gradient_ratio(const Cell& cell);

// in_part: in one respect and not in another, or in some pairs. open: less than the runs can tell
// apart. unknown: there is nothing to judge by.
enum class Verdict { holds, in_part, fails, open, unknown };
// "holds", "holds in part", "does not hold", "left open", "no verdict".
std::string_view to_string(Verdict verdict);

struct Judgement {
  std::string claim;  // "faster convergence"
  Verdict verdict = Verdict::unknown;
  std::vector<std::string> evidence;  // a sentence with numbers for each pair
  std::string in_short = {};          // the numbers of the only pair
};
std::vector<Judgement> judgements(const Analysis& analysis);

// What the paper of a preset says, with the verdict of these runs; none for other studies.
std::vector<Judgement> paper_statements(const Analysis& analysis);

// What a difference of accuracies has to exceed: half the range over seeds of both, or two standard
// errors for that many test images, whichever is larger.
double noise_of(const Cell& a, const Cell& b);

// Sentences on what came out: the first ones matter most.
std::vector<std::string> headlines(const Analysis& analysis);
// Where batch norm did worse than nothing; what it costs in time.
std::vector<std::string> losses_of_batch_norm(const Analysis& analysis);

}  // namespace evenkeel::compare
