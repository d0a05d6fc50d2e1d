// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/lr_find.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

void require_valid(const LrFindOptions& options) {
  if (!std::isfinite(options.from) || options.from <= 0)
    throw InvalidArgument("from",
                          "expected a learning rate above 0, got " + std::to_string(options.from));
  if (!std::isfinite(options.to) || options.to <= options.from)
    throw InvalidArgument(
        "to", "expected a learning rate above the first one, got " + std::to_string(options.to));
  if (options.steps < 2)
    throw InvalidArgument("steps", "expected at least 2, got " + std::to_string(options.steps));
  if (!(options.smoothing >= 0 && options.smoothing < 1))
    throw InvalidArgument("smoothing", "expected a number from 0 and below 1, got " +
                                           std::to_string(options.smoothing));
  if (!(options.diverged_at > 1))
    throw InvalidArgument("diverged_at",
                          "expected a number above 1, got " + std::to_string(options.diverged_at));
}

// What the callback writes down, and when it has seen enough.
class Record {
 public:
  Record(const LrFindOptions& options, LrFind& find) : options_(options), find_(find) {}

  void on_batch(Trainer& trainer, const BatchEvent& event) {
    inside_ = true;
    add(event.learning_rate, event.loss);
    if (options_.on_step) options_.on_step(find_.points.back());
    const auto done = static_cast<std::int64_t>(find_.points.size());
    if (find_.points.back().smoothed > options_.diverged_at * best_)
      end(LrEnd::diverged);
    else if (done == options_.steps)
      end(LrEnd::all_steps);
    else if (options_.stop && options_.stop())
      end(LrEnd::stopped);
    else
      trainer.set_learning_rate(lr_find_rate(options_, done));
    inside_ = false;
  }
  // Whether what was thrown came from a caller's function.
  bool inside() const { return inside_; }
  std::stop_token token() const { return stop_.get_token(); }

 private:
  void add(double rate, double loss) {
    average_ = options_.smoothing * average_ + (1 - options_.smoothing) * loss;
    weight_ = options_.smoothing * weight_ + (1 - options_.smoothing);
    find_.points.push_back({rate, loss, average_ / weight_});
    best_ = std::min(best_, average_ / weight_);
  }
  void end(LrEnd end) {
    find_.end = end;
    stop_.request_stop();
  }

  const LrFindOptions& options_;
  LrFind& find_;
  std::stop_source stop_;
  double average_ = 0;
  double weight_ = 0;  // of the losses in it: corrects for the 0 that it starts from
  double best_ = std::numeric_limits<double>::infinity();
  bool inside_ = false;
};

// Least squares of y over x for the points around `at`.
double slope_around(const std::vector<LrPoint>& points, std::size_t at, std::size_t half) {
  const std::size_t begin = at - std::min(at, half);
  const std::size_t end = std::min(points.size(), at + half + 1);
  const auto count = static_cast<double>(end - begin);
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = begin; i < end; ++i) {
    mean_x += std::log10(points[i].rate) / count;
    mean_y += points[i].smoothed / count;
  }
  double xy = 0;
  double xx = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double x = std::log10(points[i].rate) - mean_x;
    xy += x * (points[i].smoothed - mean_y);
    xx += x * x;
  }
  return xx > 0 ? xy / xx : 0;
}

// Of single losses, from neighbours' differences, in which the curve itself cancels.
double deviation_up_to(const std::vector<LrPoint>& points, std::size_t last) {
  double sum = 0;
  for (std::size_t i = 1; i <= last; ++i) {
    const double step = points[i].loss - points[i - 1].loss;
    sum += step * step;
  }
  return last > 0 ? std::sqrt(sum / 2 / static_cast<double>(last)) : 0;
}

LrVerdict verdict_on(const LrSuggestion& s, std::size_t minimum, std::size_t first) {
  constexpr double kSmallestFall = 0.02;  // of where it starts
  constexpr double kErrors = 5;
  const double fall = s.start_loss - s.minimum_loss;
  if (minimum <= first) return LrVerdict::rising;
  if (fall < kSmallestFall * std::abs(s.start_loss)) return LrVerdict::flat;
  return fall < kErrors * s.noise ? LrVerdict::noisy : LrVerdict::found;
}

}  // namespace

double lr_find_rate(const LrFindOptions& options, std::int64_t step) {
  const double share = static_cast<double>(step) / static_cast<double>(options.steps - 1);
  return options.from * std::pow(options.to / options.from, share);
}

LrFind lr_find(const Model& model, Loss loss, const Optimizer& optimizer, const Dataset& data,
               const LrFindOptions& options) {
  require_valid(options);
  Optimizer first = optimizer;
  set_learning_rate(first, options.from);
  TrainerOptions trainer_options = options.trainer;
  trainer_options.schedule = {};
  Trainer trainer(model, loss, first, trainer_options);
  LrFind find;
  Record record(options, find);
  FitOptions fit;
  fit.epochs = options.steps;  // more than enough: the record ends it
  fit.batch_size = options.batch;
  fit.augment = options.augment;
  fit.accumulate = options.accumulate;
  fit.stop = record.token();
  fit.callbacks = {
      {.on_batch = [&](Trainer& self, const BatchEvent& event) { record.on_batch(self, event); }}};
  try {
    trainer.fit(data, fit);
  } catch (const RuntimeFailure& failure) {
    if (record.inside()) throw;
    find.end = LrEnd::not_finite;
    find.end_text = failure.what();
  }
  find.suggestion = suggest_rate(find.points, options.smoothing);
  return find;
}

LrSuggestion suggest_rate(const std::vector<LrPoint>& all, double smoothing) {
  std::vector<LrPoint> points;
  for (const LrPoint& point : all)
    if (std::isfinite(point.loss) && std::isfinite(point.smoothed) && point.rate > 0)
      points.push_back(point);
  LrSuggestion s;
  if (points.size() < kFewestLrPoints) return s;
  const std::size_t first = points.size() / 10;
  const auto least =
      std::min_element(points.begin(), points.end(),
                       [](const LrPoint& a, const LrPoint& b) { return a.smoothed < b.smoothed; });
  const auto minimum = static_cast<std::size_t>(least - points.begin());
  for (std::size_t i = 0; i < first; ++i)
    s.start_loss += points[i].loss / static_cast<double>(first);
  s.minimum_loss = least->smoothed;
  s.minimum_rate = least->rate;
  s.tenth_rate = least->rate / 10;
  s.still_falling = minimum + 1 == points.size();
  s.noise = deviation_up_to(points, minimum) * std::sqrt((1 - smoothing) / (1 + smoothing));
  s.verdict = verdict_on(s, minimum, first);
  const std::size_t half = std::max<std::size_t>(2, points.size() / 40);
  for (std::size_t i = first; i <= minimum; ++i) {
    const double slope = slope_around(points, i, half);
    if (slope >= s.steepest_slope) continue;
    s.steepest_slope = slope;
    s.steepest_rate = points[i].rate;
  }
  if (s.steepest_rate == 0) s.steepest_rate = s.minimum_rate;
  s.rate = std::min(s.tenth_rate, std::sqrt(s.steepest_rate * s.tenth_rate));
  if (s.still_falling) s.rate = s.steepest_rate;
  return s;
}

std::string_view to_string(LrVerdict verdict) {
  switch (verdict) {
    case LrVerdict::found:
      return "found";
    case LrVerdict::too_few:
      return "too-few";
    case LrVerdict::rising:
      return "rising";
    case LrVerdict::flat:
      return "flat";
    case LrVerdict::noisy:
      return "noisy";
  }
  return "";
}

std::string_view to_string(LrEnd end) {
  switch (end) {
    case LrEnd::all_steps:
      return "all-steps";
    case LrEnd::diverged:
      return "diverged";
    case LrEnd::not_finite:
      return "not-finite";
    case LrEnd::stopped:
      return "stopped";
  }
  return "";
}

}  // namespace evenkeel
