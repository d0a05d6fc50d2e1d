// SPDX-License-Identifier: Apache-2.0
// The same batch under batch statistics and under moving statistics.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

constexpr double kApart = 0.1;  // relative, of a layer's outputs

// How far apart: info is not worth a word.
Severity severity_of(const Mode& batch, const Mode& moving, std::int64_t images) {
  // Turned round, so that a loss which is not finite counts as far apart.
  const auto beyond = [&](double factor, double least) {
    return !(moving.loss <= factor * batch.loss + least);
  };
  // Two standard errors of an accuracy measured on so many images.
  const double noise = 2 * std::sqrt(std::max(0.01, batch.accuracy * (1 - batch.accuracy)) /
                                     static_cast<double>(images));
  const double lost = batch.accuracy - moving.accuracy;
  if (beyond(3, 0.3) || lost > std::max(0.15, noise)) return Severity::error;
  if (beyond(1.3, 0.05) || lost > std::max(0.03, noise)) return Severity::warning;
  return Severity::info;
}

// The first layer whose outputs part, and how its statistics do.
std::string parting(const Examination& examination, const std::string& layer) {
  const NormMeasured& measured = examination.measured->norms.at(layer);
  const auto state = std::find_if(examination.norms.begin(), examination.norms.end(),
                                  [&](const NormState& norm) { return norm.layer == layer; });
  if (!state->valid())
    return "They part at " + layer + ", whose moving variances are not all finite and at least 0";
  if (state->mean.size() != measured.mean.size() || state->variance.size() != measured.mean.size())
    return "They part at " + layer;
  Numbers shifts;
  Numbers ratios;
  for (std::size_t c = 0; c < measured.mean.size(); ++c) {
    const double scale = std::sqrt(measured.variance[c] + state->epsilon);
    shifts.push_back(std::abs(state->mean[c] - measured.mean[c]) / scale);
    ratios.push_back(std::sqrt((state->variance[c] + state->epsilon)) / scale);
  }
  return fmt::format(
      "They part at {}, whose outputs differ by {}: the means are {} standard deviations apart in "
      "the median channel and {} in the worst tenth, and the moving standard deviation is {} times "
      "the batch's in the median",
      layer, percent(measured.apart), text(quantile(shifts, 0.5)), text(quantile(shifts, 0.9)),
      text(quantile(ratios, 0.5)));
}

}  // namespace

void find_in_modes(const Examination& examination, Findings& findings) {
  const auto& measured = examination.measured;
  if (!measured || !measured->not_finite.empty() || !examination.trained) return;
  if (examination.norms.empty()) return;
  const Mode& batch = measured->by_batch;
  const Mode& moving = measured->by_moving;
  const Severity severity = severity_of(batch, moving, measured->images);
  if (severity == Severity::info) return;
  const auto first = std::find_if(
      measured->order.begin(), measured->order.end(),
      [&](const std::string& layer) { return !(measured->norms.at(layer).apart <= kApart); });
  const std::string layer = first == measured->order.end() ? "" : *first;
  const std::string evidence = fmt::format(
      "{} images: loss {:.4f}, accuracy {:.3f} with batch statistics; loss {:.4f}, accuracy {:.3f} "
      "with moving statistics",
      measured->images, batch.loss, batch.accuracy, moving.loss, moving.accuracy);
  findings.add(
      severity, "batch-and-moving-differ", layer,
      layer.empty() ? evidence : evidence + ". " + parting(examination, layer),
      {{"images", static_cast<double>(measured->images)},
       {"batch_loss", batch.loss},
       {"batch_accuracy", batch.accuracy},
       {"moving_loss", moving.loss},
       {"moving_accuracy", moving.accuracy},
       {"outputs_apart", layer.empty() ? 0 : measured->norms.at(layer).apart}},
      "Compute the statistics from training images (recalibrate). If they part again soon, "
      "let them follow faster: a smaller keep, or updates weighed by their count.");
}

}  // namespace evenkeel::doctor
