// SPDX-License-Identifier: Apache-2.0
// Ends a run that no longer gets better.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/train/evaluate.h"
#include "evenkeel/train/metric.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct EarlyStoppingOptions {
  Metric metric = Metric::loss;
  std::int64_t patience = 5;  // evaluations in a row that are no better than the best so far
  double min_delta = 0;       // an evaluation is better where it is so by more than this
};

// As Keras's EarlyStopping: `patience` evaluations in a row that do not improve on the best end the
// run. The first one is the best so far; one that is not finite improves on nothing.
class EVENKEEL_API EarlyStopping {
 public:
  // InvalidArgument unless patience is at least 1 and min_delta finite and at least 0.
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  // Takes the evaluation after `step` steps in, unless one of that step or a later one was. True if
  // it is time to end.
  bool update(const Evaluation& evaluation, std::int64_t step);
  bool stops() const { return bad_ >= options_.patience; }

  std::optional<double> best() const { return best_; }
  std::int64_t bad() const { return bad_; }                   // in a row, since the best
  std::optional<std::int64_t> step() const { return step_; }  // of the last one taken in

  // All that it remembers, to be kept in Trainer::notes() under kNote; JSON.
  static constexpr const char* kNote = "early_stopping";
  std::string note() const;
  // DataError for a text that is no such note.
  void restore(const std::string& note);

 private:
  EarlyStoppingOptions options_;
  std::optional<double> best_;
  std::int64_t bad_ = 0;
  std::optional<std::int64_t> step_;
};

// Evaluates on `validation` after each epoch, and ends fit(), which is then false. What it
// remembers is a note of the trainer: a resumed run ends where one that went through does, and a
// run that has ended does no further step. One of a trainer; where there are several callbacks, it
// may stand before or behind those that save.
EVENKEEL_API Callback early_stopping(Dataset validation, const EarlyStoppingOptions& options = {});
// The same by an evaluation that others share: once_a_step() of train/evaluate.h.
EVENKEEL_API Callback early_stopping(Evaluate evaluate, const EarlyStoppingOptions& options = {});

}  // namespace evenkeel
