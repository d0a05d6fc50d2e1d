// SPDX-License-Identifier: Apache-2.0
// Epsilon beside the variances that it is added to.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

constexpr double kMany = 0.25;   // share of channels below epsilon that is worth a word
constexpr double kEnough = 0.9;  // of the signal, to be left in the median channel

struct Variances {
  Numbers values;
  const char* what;  // where they are from
};

// Those that predictions use, once they are the data's own; else those of a batch.
Variances variances_of(const Examination& examination, const NormState& norm) {
  // What is left of the initial 1 must not hide a variance as small as epsilon.
  const bool settled = norm.initial_weight().value_or(0) <= 0.1 * norm.epsilon;
  const bool own =
      examination.trained && !norm.initial() && !norm.variance.empty() && norm.valid() && settled;
  if (own) return {norm.variance, "moving variances"};
  const NormMeasured* measured = examination.measured_norm(norm.layer);
  if (measured == nullptr) return {};
  return {measured->variance, "variances of a batch"};
}

// How much of a standard deviation of 1 is left, in the channel at the quantile.
double left(double variance, double epsilon) { return std::sqrt(variance / (variance + epsilon)); }

// The largest that leaves the median channel most of its signal. Much smaller ones would magnify
// channels that hardly ever vary.
double better_epsilon(const Numbers& variances) {
  const double median = quantile(variances, 0.5);
  for (const double epsilon : {1e-4, 1e-5, 1e-6})
    if (left(median, epsilon) >= kEnough) return epsilon;
  return 1e-7;
}

std::string placement(const Examination& examination, const NormState& norm) {
  const NormMeasured* measured = examination.measured_norm(norm.layer);
  if (measured == nullptr || measured->activation.empty()) return "";
  const Numbers& before = measured->variance_before_activation;
  return fmt::format(
      " Or place batch norm before the activation of {}: there {} of {} are below {}, half of them "
      "below {}.",
      measured->activation, percent(share_below(before, norm.epsilon)),
      counted(std::ssize(before), "channel"), text(norm.epsilon), text(quantile(before, 0.5)));
}

std::string fix(const Numbers& variances, double better) {
  const double median = quantile(variances, 0.5);
  const double constant = share_below(variances, 1e-12);
  if (left(median, better) < kEnough)
    return fmt::format(
        "No smaller epsilon mends this: the median variance is {}, and {} of the channels have "
        "none at all. Look at why what goes in does not vary.",
        text(median), percent(constant));
  return fmt::format("Epsilon {}: then {} are below it{}, and the median channel keeps {}.",
                     text(better), percent(share_below(variances, better)),
                     constant > 0 ? " (" + percent(constant) + " have no variance at all)" : "",
                     percent(left(median, better)));
}

void find_epsilon(const Examination& examination, const NormState& norm, Findings& findings) {
  const Variances variances = variances_of(examination, norm);
  const double share = share_below(variances.values, norm.epsilon);
  if (variances.values.empty() || share <= kMany) return;
  const std::array<double, 3> at = {quantile(variances.values, 0.1),
                                    quantile(variances.values, 0.5),
                                    quantile(variances.values, 0.9)};
  const double better = better_epsilon(variances.values);
  const double share_then = share_below(variances.values, better);
  findings.add(
      Severity::warning, "epsilon-exceeds-variance", norm.layer,
      fmt::format(
          "{} of {} {} are below {}; at 10, 50 and 90 % of the channels they are {}, {} and "
          "{}. The median channel keeps {} of the standard deviation of 1 that it should "
          "get",
          percent(share), text(std::ssize(variances.values)), variances.what, norm.epsilon_text(),
          text(at[0]), text(at[1]), text(at[2]), percent(left(at[1], norm.epsilon))),
      {{"epsilon", norm.epsilon},
       {"channels", static_cast<double>(variances.values.size())},
       {"share_below", share},
       {"variance_10", at[0]},
       {"variance_50", at[1]},
       {"variance_90", at[2]},
       {"signal_left", left(at[1], norm.epsilon)},
       {"better_epsilon", better},
       {"share_below_better", share_then}},
      fix(variances.values, better) + placement(examination, norm));
}

}  // namespace

void find_in_epsilon(const Examination& examination, Findings& findings) {
  for (const NormState& norm : examination.norms) find_epsilon(examination, norm, findings);
}

}  // namespace evenkeel::doctor
