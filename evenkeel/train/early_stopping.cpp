// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/early_stopping.h"

#include <cmath>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/train/watch.h"

namespace evenkeel {
namespace {

bool improves(double value, std::optional<double> best, const EarlyStoppingOptions& options) {
  if (!std::isfinite(value)) return false;
  if (!best) return true;
  return options.metric == Metric::loss ? value < *best - options.min_delta
                                        : value > *best + options.min_delta;
}

}  // namespace

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options) : options_(options) {
  if (options.patience < 1)
    throw InvalidArgument("early stopping", "expected a patience of at least 1 evaluation, got " +
                                                std::to_string(options.patience));
  if (!(options.min_delta >= 0) || !std::isfinite(options.min_delta))
    throw InvalidArgument("early stopping", "expected a min_delta of at least 0, got " +
                                                std::to_string(options.min_delta));
}

bool EarlyStopping::update(const Evaluation& evaluation, std::int64_t step) {
  if (step_ && step <= *step_) return stops();
  step_ = step;
  const double value = value_of(evaluation, options_.metric);
  if (improves(value, best_, options_)) {
    best_ = value;
    bad_ = 0;
  } else {
    ++bad_;
  }
  return stops();
}

std::string EarlyStopping::note() const {
  return note_text({{"bad", bad_}, {"best", note_of(best_)}, {"step", note_of(step_)}});
}

void EarlyStopping::restore(const std::string& note) {
  EarlyStopping read(options_);
  read_note(note, kNote, [&](const NoteJson& json) {
    json.at("bad").get_to(read.bad_);
    read.best_ = optional_of<double>(json.at("best"));
    read.step_ = optional_of<std::int64_t>(json.at("step"));
    return read.bad_ >= 0;
  });
  *this = read;
}

Callback early_stopping(Dataset validation, const EarlyStoppingOptions& options) {
  return early_stopping(evaluate_on(std::move(validation)), options);
}

Callback early_stopping(Evaluate evaluate, const EarlyStoppingOptions& options) {
  const auto stop_where_due = [](Trainer& trainer, const EarlyStopping& stopping) {
    if (stopping.stops()) trainer.request_stop();
  };
  return watch(std::move(evaluate), EarlyStopping(options), stop_where_due);
}

}  // namespace evenkeel
