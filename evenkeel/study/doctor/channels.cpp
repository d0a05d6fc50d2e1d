// SPDX-License-Identifier: Apache-2.0
// Channels that say nothing: dead behind a ReLU, without variance, or multiplied by 0.
#include <algorithm>
#include <cmath>

#include "evenkeel/study/doctor/examination.h"
#include "evenkeel/study/doctor/network.h"

namespace evenkeel::doctor {
namespace {

constexpr double kSomeDead = 0.1;
constexpr double kSomeConstant = 0.01;
constexpr double kManyConstant = 0.1;
constexpr double kSmallGamma = 0.01;
constexpr double kNearlyAll = 0.9;
constexpr double kReach = 4;  // standard deviations that a normalised input hardly leaves

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

const char* const kMendDead =
    "Lower the learning rate, which throws units over the edge; initialise with he_normal and "
    "biases of 0; or leaky_relu, which has no dead side.";

void find_dead(const Examination& examination, Findings& findings) {
  if (!examination.measured) return;
  for (const ReluMeasured& relu : examination.measured->relus) {
    if (share(relu.dead, relu.channels) < kSomeDead) continue;
    findings.add(Severity::warning, "dead-channels", relu.layer,
                 text(relu.dead) + " of " + counted(relu.channels, "channel") + " (" +
                     percent(share(relu.dead, relu.channels)) + ") give 0 for each of " +
                     counted(examination.measured->images, "image"),
                 {{"channels", static_cast<double>(relu.channels)},
                  {"dead", static_cast<double>(relu.dead)},
                  {"images", static_cast<double>(examination.measured->images)}},
                 kMendDead);
  }
}

// Gamma and beta that keep a normalised input below 0.
void find_sunk(const Examination& examination, Findings& findings) {
  const auto& model = examination.patient.model;
  for (const NormState& norm : examination.norms) {
    const std::size_t channels = std::min(norm.gamma.size(), norm.beta.size());
    std::int64_t sunk = 0;
    for (std::size_t c = 0; c < channels; ++c)
      sunk += norm.beta[c] < 0 && norm.beta[c] <= -kReach * std::abs(norm.gamma[c]) ? 1 : 0;
    const auto all = static_cast<std::int64_t>(channels);
    if (sunk == 0 || share(sunk, all) < kSomeDead) continue;
    if (model && !relu_follows(model->graph(), norm.layer)) continue;
    findings.add(model ? Severity::warning : Severity::info, "dead-channels", norm.layer,
                 "beta <= -4 |gamma| in " + text(sunk) + " of " + counted(all, "channel") +
                     (model ? ": the ReLU behind it" : ": a ReLU behind it") +
                     " gives 0 there for whatever is within 4 standard deviations",
                 {{"channels", static_cast<double>(all)}, {"dead", static_cast<double>(sunk)}},
                 kMendDead);
  }
}

// Without variance, as far as rounding lets one see.
std::int64_t constant_in(const Numbers& mean, const Numbers& variance, double initial_weight) {
  std::int64_t constant = 0;
  for (std::size_t c = 0; c < std::min(mean.size(), variance.size()); ++c)
    if (variance[c] <= 1.001 * initial_weight + 1e-12 * (mean[c] * mean[c] + 1e-3)) ++constant;
  return constant;
}

void find_constant(const Examination& examination, Findings& findings) {
  constexpr double kHides = 1e-10;  // an initial weight that small variances do not show behind
  for (const NormState& norm : examination.norms) {
    std::int64_t constant = 0;
    std::string where;
    const double weight = norm.initial_weight().value_or(0);
    if (const NormMeasured* measured = examination.measured_norm(norm.layer)) {
      constant = constant_in(measured->mean, measured->variance, 0);
      where = "in a batch of " + counted(examination.measured->images, "image");
    } else if (examination.trained && !norm.initial() && norm.valid() && weight <= kHides) {
      constant = constant_in(norm.mean, norm.variance, weight);
      where = "by the moving variance";
    }
    const auto channels = std::ssize(norm.variance);
    const double part = share(constant, channels);
    if (part < kSomeConstant) continue;
    findings.add(
        part < kManyConstant ? Severity::info : Severity::warning, "constant-channels", norm.layer,
        text(constant) + " of " + counted(channels, "channel") + " (" + percent(part) +
            ") have no variance " + where,
        {{"channels", static_cast<double>(channels)}, {"constant", static_cast<double>(constant)}},
        "Look at what makes them: units that a ReLU keeps at 0, or pixels that are the "
        "same in all images. Batch norm by feature map (before flatten) instead of by "
        "place has none of the latter.");
  }
}

void find_small_gamma(const Examination& examination, Findings& findings) {
  if (!examination.trained) return;  // gamma = 0 at first is a way to start residual blocks
  for (const NormState& norm : examination.norms) {
    Numbers sizes;
    for (const double gamma : norm.gamma) sizes.push_back(std::abs(gamma));
    const double small = share_below(sizes, kSmallGamma);
    if (sizes.empty() || small < kNearlyAll) continue;
    findings.add(Severity::warning, "gamma-near-zero", norm.layer,
                 "|gamma| is below " + text(kSmallGamma) + " in " + percent(small) + " of " +
                     counted(std::ssize(sizes), "channel") + ", its median " +
                     text(quantile(sizes, 0.5)),
                 {{"channels", static_cast<double>(sizes.size())},
                  {"share_below", small},
                  {"median", quantile(sizes, 0.5)}},
                 "Leave gamma out of weight decay. If nothing pulls it down, the network does "
                 "without this layer: take it and what leads to it out.");
  }
}

}  // namespace

void find_in_channels(const Examination& examination, Findings& findings) {
  find_dead(examination, findings);
  find_sunk(examination, findings);
  find_constant(examination, findings);
  find_small_gamma(examination, findings);
}

}  // namespace evenkeel::doctor
