// SPDX-License-Identifier: Apache-2.0
// Lowers the learning rate of a run that no longer gets better.
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

struct PlateauOptions {
  Metric metric = Metric::loss;
  double factor = 0.1;  // of the rate, each time that it is lowered
  std::int64_t patience =
      10;                     // evaluations in a row without an improvement that change nothing yet
  std::int64_t cooldown = 0;  // evaluations after a lower rate that are not counted
  double min_rate = 0;        // the rate does not go below
  double min_delta = 1e-4;    // a share of the best: better is below best (1 - min_delta)
};

// As PyTorch's ReduceLROnPlateau with threshold_mode "rel" and eps 1e-8, mode "min" for the loss
// and "max" for the accuracy: the rate is lowered once more than `patience` evaluations in a row do
// not improve on the best, and a change below 1e-8 is not made. One that is not finite improves
// on nothing.
class EVENKEEL_API Plateau {
 public:
  // InvalidArgument unless factor is in (0,1), patience, cooldown, min_rate and min_delta at least
  // 0.
  explicit Plateau(const PlateauOptions& options = {});

  // Takes the evaluation after `step` steps in, unless one of that step or a later one was. Returns
  // the rate to go on with: `rate`, or a lower one.
  double update(const Evaluation& evaluation, std::int64_t step, double rate);

  std::optional<double> best() const { return best_; }
  std::optional<double> rate() const { return rate_; }        // the last one that it gave
  std::optional<std::int64_t> step() const { return step_; }  // of the last one taken in

  // All that it remembers, the rate too, to be kept in Trainer::notes() under kNote; JSON.
  static constexpr const char* kNote = "plateau";
  std::string note() const;
  // DataError for a text that is no such note.
  void restore(const std::string& note);

 private:
  PlateauOptions options_;
  std::optional<double> best_;
  std::int64_t bad_ = 0;
  std::int64_t cooling_ = 0;
  std::optional<double> rate_;
  std::optional<std::int64_t> step_;
};

// Evaluates on `validation` after each epoch, and lowers the rate that the schedule starts from
// (Trainer::set_learning_rate). What it remembers is a note of the trainer, the rate too, which a
// resumed run goes on with whatever its optimiser says. One of a trainer; where there are several
// callbacks, it may stand before or behind those that save.
EVENKEEL_API Callback reduce_on_plateau(Dataset validation, const PlateauOptions& options = {});
// The same by an evaluation that others share: once_a_step() of train/evaluate.h.
EVENKEEL_API Callback reduce_on_plateau(Evaluate evaluate, const PlateauOptions& options = {});

}  // namespace evenkeel
