// SPDX-License-Identifier: Apache-2.0
// Sentences with the numbers in them; nothing here is known before the runs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "evenkeel/study/compare/presets.h"
#include "evenkeel/study/compare/verdict_text.h"

namespace evenkeel::compare {
namespace {

// How many times faster counts as faster, and how many times larger gradients as not vanishing.
constexpr double kClearly = 1.2;
constexpr double kClearlyLarger = 2;

class Judge {
 public:
  explicit Judge(const Analysis& analysis) : analysis_(analysis) {}

  Judgement all(const char* claim, void (Judge::*each)(const Pair&, Judgement&)) {
    Judgement result{claim, Verdict::unknown, {}};
    verdicts_.clear();
    for (const Pair& pair : pairs_of(analysis_.results().study)) (this->*each)(pair, result);
    result.verdict = together(verdicts_);
    if (result.evidence.size() != 1) result.in_short.clear();
    return result;
  }

  void convergence(const Pair& pair, Judgement& result) {
    const Cell* plain = analysis_.best(pair.plain);
    const Cell* normed = analysis_.best(pair.normed);
    if (one_diverged(plain, normed, pair, result)) return;
    // The worst seed of both, so that every run reaches it.
    double target = 1;
    for (const Cell* cell : {plain, normed})
      for (const double end : cell->accuracies) target = std::min(target, end);
    const auto p = reached(*plain, target);
    const auto n = reached(*normed, target);
    if (!p || !n) return;
    const double in_steps = p->steps / n->steps;
    const double in_seconds = p->seconds / n->seconds;
    verdicts_.push_back(in_steps >= kClearly && in_seconds >= kClearly   ? Verdict::holds
                        : in_steps >= kClearly || in_seconds >= kClearly ? Verdict::in_part
                                                                         : Verdict::fails);
    result.in_short =
        fmt::format("{} in steps, {} in seconds", times_text(in_steps, "faster", "slower"),
                    times_text(in_seconds, "faster", "slower"));
    result.evidence.push_back(fmt::format(
        "{}, where every run of both ends or above, is reached by {} after {} steps ({}) and by {} "
        "after {} steps ({}): {}.",
        percent(target), name_of(analysis_, *normed), count_text(n->steps),
        seconds_text(n->seconds), name_of(analysis_, *plain), count_text(p->steps),
        seconds_text(p->seconds), result.in_short));
  }

  void generalisation(const Pair& pair, Judgement& result) {
    const Cell* plain = analysis_.best(pair.plain);
    const Cell* normed = analysis_.best(pair.normed);
    if (one_diverged(plain, normed, pair, result)) return;
    const double gain = normed->accuracy() - plain->accuracy();
    const double noise = noise_of(*plain, *normed);
    verdicts_.push_back(gain > noise    ? Verdict::holds
                        : gain < -noise ? Verdict::fails
                                        : Verdict::open);
    result.in_short =
        fmt::format("{:+.2f} points, and ±{:.2f} say nothing", 100 * gain, 100 * noise);
    result.evidence.push_back(fmt::format(
        "Test accuracy at the end is {} for {} and {} for {}: {:+.2f} points. Within ±{:.2f}, "
        "seeds and "
        "the number of test images say nothing.",
        percent(normed->accuracy()), name_of(analysis_, *normed), percent(plain->accuracy()),
        name_of(analysis_, *plain), 100 * gain, 100 * noise));
  }

  // Before training, when a stack that lets no gradient through stands still; later it may recover.
  void gradients(const Pair& pair, Judgement& result) {
    const Cell* plain = analysis_.best(pair.plain);
    const Cell* normed = analysis_.best(pair.normed);
    if (plain == nullptr || normed == nullptr) return;
    const GradientRatio p = gradient_ratio(*plain);
    const GradientRatio n = gradient_ratio(*normed);
    const double p_least = std::min(p.start, p.training);
    const double n_least = std::min(n.start, n.training);
    if (!std::isfinite(p_least) || !std::isfinite(n_least) || p_least <= 0 || n_least <= 0) return;
    const bool vanished = p_least < 1 / kClearlyLarger;
    const bool vanishes = n_least < 1 / kClearlyLarger;
    if (vanished || vanishes)  // else there is nothing to mend
      verdicts_.push_back(n_least >= kClearlyLarger * p_least ? Verdict::holds
                          : vanished && !vanishes             ? Verdict::in_part
                                                              : Verdict::fails);
    result.in_short =
        fmt::format("first layer's over last hidden layer's at the start: {} with, {} without",
                    ratio_text(n.start), ratio_text(p.start));
    result.evidence.push_back(
        fmt::format("The first layer's gradient is {} times the last hidden layer's before "
                    "training and {} times "
                    "in it (median) for {}, {} and {} times for {}{}.",
                    ratio_text(n.start), ratio_text(n.training), name_of(analysis_, *normed),
                    ratio_text(p.start), ratio_text(p.training), name_of(analysis_, *plain),
                    vanished ? "" : ": without batch norm it does not vanish here either"));
  }

 private:
  // Where one of the two never trained, that settles the claim.
  bool one_diverged(const Cell* plain, const Cell* normed, const Pair& pair, Judgement& result) {
    if (plain != nullptr && normed != nullptr) return false;
    const auto& names = analysis_.results().study.alternatives;
    if (plain == nullptr && normed == nullptr) {
      verdicts_.push_back(Verdict::fails);
      result.evidence.push_back(fmt::format("'{}' and '{}' diverge at every rate.",
                                            names[pair.plain].name, names[pair.normed].name));
      return true;
    }
    verdicts_.push_back(plain == nullptr ? Verdict::holds : Verdict::fails);
    const std::size_t which = plain == nullptr ? pair.plain : pair.normed;
    result.evidence.push_back(fmt::format("'{}' diverges at every rate.", names[which].name));
    return true;
  }

  const Analysis& analysis_;
  std::vector<Verdict> verdicts_;
};

// At each step looked at, the best rule and the worst.
std::vector<std::string> statistics_headlines(const Results& results) {
  std::map<std::int64_t, std::map<std::string, std::vector<double>>> by_step;
  for (const RunRecord& run : results.records)
    for (const StatisticsPoint& point : run.statistics)
      by_step[point.step][point.rule].push_back(point.accuracy);
  std::vector<std::string> result;
  for (const auto& [step, by_rule] : by_step) {
    const auto less = [](const auto& a, const auto& b) {
      return median(a.second) < median(b.second);
    };
    const auto [worst, best] = std::minmax_element(by_rule.begin(), by_rule.end(), less);
    result.push_back(fmt::format("After step {}: test accuracy {} with '{}', {} with '{}'.",
                                 count_text(static_cast<double>(step)),
                                 percent(median(best->second)), best->first,
                                 percent(median(worst->second)), worst->first));
  }
  return result;
}

}  // namespace

std::vector<Judgement> judgements(const Analysis& analysis) {
  Judge judge(analysis);
  return {judge.all("faster convergence", &Judge::convergence),
          judge.all("better generalisation", &Judge::generalisation),
          judge.all("no vanishing gradients", &Judge::gradients), stability(analysis),
          rates(analysis)};
}

std::vector<std::string> headlines(const Analysis& analysis) {
  const Study& study = analysis.results().study;
  if (study.preset == kStatistics) return statistics_headlines(analysis.results());
  std::vector<std::string> result;
  const Cell* best = nullptr;
  for (std::size_t a = 0; a < study.alternatives.size(); ++a) {
    const Cell* cell = analysis.best(a);
    if (cell != nullptr && (best == nullptr || cell->accuracy() > best->accuracy())) best = cell;
  }
  if (best == nullptr) {
    result.emplace_back("Every run diverged.");
    return result;
  }
  result.push_back(
      fmt::format("'{}' ends with the best test accuracy: {} at learning rate {:g} "
                  "after {} steps{}.",
                  analysis.alternative(*best).name, percent(best->accuracy()), analysis.rate(*best),
                  count_text(static_cast<double>(study.steps)),
                  study.seeds > 1 ? fmt::format(", median of {} seeds", study.seeds) : ""));
  for (const Judgement& judgement : judgements(analysis))
    if (judgement.verdict != Verdict::unknown)
      result.push_back(fmt::format("\"{}\" {}{}.", judgement.claim, to_string(judgement.verdict),
                                   judgement.in_short.empty() ? "" : ": " + judgement.in_short));
  return result;
}

std::vector<std::string> losses_of_batch_norm(const Analysis& analysis) {
  std::vector<std::string> result;
  const Results& results = analysis.results();
  for (const Pair& pair : pairs_of(results.study)) {
    const std::string& plain_name = results.study.alternatives[pair.plain].name;
    const std::string& normed_name = results.study.alternatives[pair.normed].name;
    for (std::size_t r = 0; r < results.study.learning_rates.size(); ++r) {
      const Cell& plain = analysis.cell(pair.plain, r);
      const Cell& normed = analysis.cell(pair.normed, r);
      const bool only_normed_diverged = normed.mostly_diverged() && !plain.mostly_diverged();
      if (only_normed_diverged)
        result.push_back(fmt::format("At rate {:g} '{}' diverges and '{}' ends with {}.",
                                     results.study.learning_rates[r], normed_name, plain_name,
                                     percent(plain.accuracy())));
      else if (!normed.mostly_diverged() && !plain.mostly_diverged() &&
               plain.accuracy() - normed.accuracy() > noise_of(plain, normed))
        result.push_back(fmt::format(
            "At rate {:g} '{}' ends with {}, '{}' with {}.", results.study.learning_rates[r],
            normed_name, percent(normed.accuracy()), plain_name, percent(plain.accuracy())));
    }
    if (results.step_seconds.size() != results.study.alternatives.size()) continue;
    const double p = results.step_seconds[pair.plain];
    const double n = results.step_seconds[pair.normed];
    if (p > 0)
      result.push_back(
          fmt::format("A step of '{}' takes {:.3g} ms, one of '{}' {:.3g} ms: {:+.0f} %.",
                      normed_name, 1000 * n, plain_name, 1000 * p, 100 * (n / p - 1)));
  }
  return result;
}

}  // namespace evenkeel::compare
