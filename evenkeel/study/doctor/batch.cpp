// SPDX-License-Identifier: Apache-2.0
// How many values a channel's batch statistics are made from.
#include <cmath>

#include "evenkeel/study/doctor/examination.h"
#include "evenkeel/study/doctor/network.h"

namespace evenkeel::doctor {
namespace {

constexpr std::int64_t kFew = 16;

// True where the statistics were learned in another run, or with batches four times as large.
bool learned_elsewhere(const Examination& examination, const NormState& norm) {
  if (norm.initial() || !examination.trained) return false;
  const Patient& patient = examination.patient;
  if (!norm.updates || *norm.updates > patient.step.value_or(0)) return true;
  return patient.batch >= 4 * examination.batch;
}

void find(const Examination& examination, const NormState& norm, Findings& findings) {
  const Graph& graph = examination.patient.model->graph();
  const std::int64_t group = group_of(graph, norm.layer);
  const std::int64_t images = group > 0 ? group : examination.batch;
  const std::int64_t n = values_per_channel(graph, norm.layer, images);
  if (n >= kFew) return;
  const double noise = n > 1 ? std::sqrt(2 / static_cast<double>(n - 1)) : 1;
  const std::string evidence =
      (group > 0 ? "a group of " : "a batch of ") + counted(images, "image") + " gives " +
      counted(n, "value") + " per channel" +
      (n > 1 ? ": the variance of a batch is off by " + percent(noise)
             : ", whose variance is 0 whatever it is: training is refused");
  const std::map<std::string, double> numbers = {{"values", static_cast<double>(n)},
                                                 {"batch", static_cast<double>(examination.batch)},
                                                 {"variance_error", noise}};
  findings.add(n > 1 ? Severity::warning : Severity::error, "too-few-values-per-channel",
               norm.layer, evidence, numbers,
               (group > 0 ? "Groups of at least " : "Batches of at least ") +
                   counted((kFew * images + n - 1) / n, "image") +
                   "; or group_norm or layer_norm, which do without a batch.");
  if (learned_elsewhere(examination, norm))
    findings.add(
        Severity::warning, "unfrozen-that-should-be", norm.layer,
        evidence + "; its statistics are of " +
            (norm.updates ? counted(*norm.updates, "update") : std::string("updates")) +
            (examination.patient.batch > 0 ? " with batches of " + text(examination.patient.batch)
                                           : std::string()),
        numbers,
        "Freeze it, freeze(model, \"" + norm.layer +
            "\"): gamma, beta and statistics then stay as they are, and training normalises with "
            "them.");
}

}  // namespace

void find_in_batch(const Examination& examination, Findings& findings) {
  if (!examination.patient.model || examination.batch == 0) return;
  // What is frozen has no use for the batch's.
  for (const NormState& norm : examination.norms)
    if (!norm.frozen) find(examination, norm, findings);
}

}  // namespace evenkeel::doctor
