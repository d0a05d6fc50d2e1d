// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/plateau.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/train/watch.h"

namespace evenkeel {
namespace {

constexpr double kSmallestChange = 1e-8;

bool improves(double value, std::optional<double> best, const PlateauOptions& options) {
  if (!std::isfinite(value)) return false;
  if (!best) return true;
  return options.metric == Metric::loss ? value < *best * (1 - options.min_delta)
                                        : value > *best * (1 + options.min_delta);
}

void refuse(const std::string& expected, double got) {
  throw InvalidArgument("plateau", "expected " + expected + ", got " + std::to_string(got));
}

}  // namespace

Plateau::Plateau(const PlateauOptions& options) : options_(options) {
  if (!(options.factor > 0 && options.factor < 1))
    refuse("a factor between 0 and 1, both excluded", options.factor);
  if (options.patience < 0)
    refuse("a patience of at least 0 evaluations", static_cast<double>(options.patience));
  if (options.cooldown < 0)
    refuse("a cooldown of at least 0 evaluations", static_cast<double>(options.cooldown));
  if (!(options.min_rate >= 0) || !std::isfinite(options.min_rate))
    refuse("a min_rate of at least 0", options.min_rate);
  if (!(options.min_delta >= 0) || !std::isfinite(options.min_delta))
    refuse("a min_delta of at least 0", options.min_delta);
}

double Plateau::update(const Evaluation& evaluation, std::int64_t step, double rate) {
  if (step_ && step <= *step_) return rate_.value_or(rate);
  step_ = step;
  const double value = value_of(evaluation, options_.metric);
  if (improves(value, best_, options_)) {
    best_ = value;
    bad_ = 0;
  } else {
    ++bad_;
  }
  if (cooling_ > 0) {
    --cooling_;
    bad_ = 0;
  }
  rate_ = rate;
  if (bad_ > options_.patience) {
    const double lower = std::max(rate * options_.factor, options_.min_rate);
    if (rate - lower > kSmallestChange) rate_ = lower;
    cooling_ = options_.cooldown;
    bad_ = 0;
  }
  return *rate_;
}

std::string Plateau::note() const {
  return note_text({{"bad", bad_},
                    {"best", note_of(best_)},
                    {"cooling", cooling_},
                    {"rate", note_of(rate_)},
                    {"step", note_of(step_)}});
}

void Plateau::restore(const std::string& note) {
  Plateau read(options_);
  read_note(note, kNote, [&](const NoteJson& json) {
    json.at("bad").get_to(read.bad_);
    json.at("cooling").get_to(read.cooling_);
    read.best_ = optional_of<double>(json.at("best"));
    read.rate_ = optional_of<double>(json.at("rate"));
    read.step_ = optional_of<std::int64_t>(json.at("step"));
    return read.bad_ >= 0 && read.cooling_ >= 0 && read.rate_.value_or(1) > 0;
  });
  *this = read;
}

Callback reduce_on_plateau(Dataset validation, const PlateauOptions& options) {
  return reduce_on_plateau(evaluate_on(std::move(validation)), options);
}

Callback reduce_on_plateau(Evaluate evaluate, const PlateauOptions& options) {
  const auto set_rate = [](Trainer& trainer, const Plateau& plateau) {
    if (plateau.rate()) trainer.set_learning_rate(*plateau.rate());
  };
  return watch(std::move(evaluate), Plateau(options), set_rate);
}

}  // namespace evenkeel
