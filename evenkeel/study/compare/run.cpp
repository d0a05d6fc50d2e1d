// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/run.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "evenkeel/study/compare/presets.h"
#include "evenkeel/study/compare/probe.h"
#include "evenkeel/study/compare/statistics.h"
#include "evenkeel/study/compare/training.h"
#include "evenkeel/train/evaluator.h"

namespace evenkeel::compare {
namespace {

constexpr std::int64_t kLossPoints = 100;
constexpr std::int64_t kProbedTimes = 30;

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::set<std::int64_t> set_of(const std::vector<std::int64_t>& steps) {
  return {steps.begin(), steps.end()};
}

// Takes the measurements of a training between its steps.
class Recorder {
 public:
  Recorder(const Study& study, Training& training, const Splits& data)
      : training_(training),
        data_(data),
        evaluator_(training.network(), Loss::softmax_cross_entropy, training.state(),
                   training.machine(), {}),
        probe_(training, data.train),
        every_(std::max<std::int64_t>(1, study.steps / kLossPoints)),
        tests_(set_of(moments_of(study.steps, study.evaluations))),
        probes_(set_of(moments_of(study.steps, kProbedTimes))) {
    record_.test_images = data.test.size();
    look();
  }

  void after(const Training::Step& step) {
    record_.seconds += step.seconds;
    record_.steps = training_.completed();
    times_.push_back(step.seconds);
    losses_ += step.loss;
    ++counted_;
    if (record_.steps % every_ == 0) {
      record_.losses.push_back(
          {record_.steps, record_.seconds, losses_ / static_cast<double>(counted_)});
      losses_ = 0;
      counted_ = 0;
    }
    if (tests_.count(record_.steps) > 0) {
      const Evaluation test = evaluator_.evaluate(data_.test);
      record_.tests.push_back({record_.steps, record_.seconds, test.loss, test.accuracy});
    }
    if (probes_.count(record_.steps) > 0) look();
  }

  RunRecord finish() {
    record_.step_seconds = median_of(times_);
    if (!training_.state_lost()) record_.norms = histograms_of(training_);
    return std::move(record_);
  }

  RunRecord& record() { return record_; }

 private:
  void look() {
    if (auto point = probe_.look()) record_.probes.push_back(std::move(*point));
  }

  Training& training_;
  const Splits& data_;
  Evaluator evaluator_;
  Probe probe_;
  std::int64_t every_;
  std::set<std::int64_t> tests_;
  std::set<std::int64_t> probes_;
  RunRecord record_;
  std::vector<double> times_;
  double losses_ = 0;
  std::int64_t counted_ = 0;
};

}  // namespace

std::vector<std::int64_t> moments_of(std::int64_t steps, std::int64_t count) {
  constexpr double kDensity = 1.5;
  std::set<std::int64_t> result;
  for (std::int64_t i = 1; i <= count; ++i) {
    const double share = std::pow(static_cast<double>(i) / static_cast<double>(count), kDensity);
    result.insert(std::max<std::int64_t>(1, std::llround(static_cast<double>(steps) * share)));
  }
  return {result.begin(), result.end()};
}

RunRecord make_run(const Study& study, const Run& run, const Splits& data, const OnStep& on_step) {
  const bool statistics = study.preset == kStatistics;
  Training training(study, run, data.train, statistics ? ChangeStep(with_rules) : ChangeStep{});
  Recorder recorder(study, training, data);
  recorder.record().run = run.name;
  while (training.completed() < study.steps) {
    const auto step = training.step();
    if (!step) {
      recorder.record().diverged = training.divergence();
      break;
    }
    recorder.after(*step);
    if (statistics && rules_are_due(training.completed(), study.steps))
      append_rules(training, data, recorder.record().statistics);
    if (on_step) on_step(training.completed());
  }
  return recorder.finish();
}

std::vector<double> time_alternatives(const Study& study, const Dataset& data) {
  constexpr int kRounds = 15;  // short ones, in turns: what disturbs the machine disturbs all
  constexpr int kFewestRounds = 5;
  constexpr double kEnough = 2;  // seconds of an alternative
  constexpr double kSecondsOfRound = 0.1;
  std::vector<std::unique_ptr<Training>> trainings;
  for (const Run& run : runs_of(study))
    if (run.seed == 1 && run.learning_rate == 0)
      trainings.push_back(std::make_unique<Training>(study, run, data));
  std::vector<std::vector<double>> times(trainings.size());
  std::vector<double> spent_on(trainings.size());
  double longest = 0;
  for (int round = 0; round <= kRounds; ++round) {
    if (round > kFewestRounds && longest > kEnough) break;
    for (std::size_t a = 0; a < trainings.size(); ++a) {
      double spent = 0;
      while (spent < kSecondsOfRound) {
        const auto step = trainings[a]->step();
        if (!step) break;  // diverged: what was timed so far must do
        spent += step->seconds;
        if (round > 0 || times[a].empty()) times[a].push_back(step->seconds);
      }
      spent_on[a] += spent;
      longest = std::max(longest, spent_on[a]);
    }
  }
  std::vector<double> result;
  for (auto& each : times) {
    if (each.size() > 1) each.erase(each.begin());  // the first step warms up
    result.push_back(median_of(each));
  }
  return result;
}

}  // namespace evenkeel::compare
