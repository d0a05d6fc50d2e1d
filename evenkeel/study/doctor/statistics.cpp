// SPDX-License-Identifier: Apache-2.0
// Moving statistics: were they updated, and do they follow at the right pace?
#include <algorithm>
#include <cmath>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

constexpr double kLeast = 0.01;    // of the initial value, to be worth a word
constexpr double kWindows = 5;     // averages that a run is to be long
constexpr double kReversed = 0.5;  // what an average keeps at least

std::string kept(const NormState& norm) {
  return "keep " + text(*norm.keep) + (norm.assumed.empty() ? "" : " (" + norm.assumed + ")");
}

// By the values, whatever the count of updates says.
void find_never_updated(const Examination& examination, Findings& findings) {
  for (const NormState& norm : examination.norms) {
    if (!norm.initial() || examination.patient.about_to_train) continue;
    const auto step = examination.patient.step;
    std::string evidence = "moving mean is exactly 0 and moving variance exactly 1 in all " +
                           counted(std::ssize(norm.mean), "channel");
    if (step) evidence += ", after " + counted(*step, "step");
    if (norm.updates) evidence += "; the file counts " + counted(*norm.updates, "update");
    const bool fresh = step && *step == 0;
    findings.add(fresh ? Severity::info : Severity::error, "statistics-never-updated", norm.layer,
                 evidence,
                 {{"channels", static_cast<double>(norm.mean.size())},
                  {"updates", static_cast<double>(norm.updates.value_or(0))},
                  {"step", static_cast<double>(step.value_or(-1))}},
                 fresh ? "Train it: this is a file of before the first step."
                       : "Compute them from training images (recalibrate), or train again with "
                         "updates: in TensorFlow 1 run tf.GraphKeys.UPDATE_OPS with the training "
                         "op, in PyTorch call model.train() before training. evenkeel's train "
                         "cannot leave them out.");
  }
}

void find_initial_weight(const Examination& examination, Findings& findings) {
  for (const NormState& norm : examination.norms) {
    const auto weight = norm.initial_weight();
    if (!weight || !norm.keep || *weight <= kLeast || norm.initial() || !norm.valid() ||
        !examination.trained)
      continue;
    findings.add(
        Severity::warning, "statistics-weigh-initial-value", norm.layer,
        percent(*weight) + " of the moving statistics is still the initial 0 and 1: " + kept(norm) +
            ", " + counted(*norm.updates, "update") + ", " + text(*norm.keep) + "^" +
            text(*norm.updates) + " = " + text(*weight),
        {{"weight", *weight},
         {"keep", *norm.keep},
         {"updates", static_cast<double>(*norm.updates)}},
        "Compute the statistics from training images (recalibrate); or weigh updates by their "
        "count, as evenkeel does unless told --statistics-rule tensorflow; or train longer: below "
        "1 % after " +
            counted(static_cast<std::int64_t>(std::ceil(std::log(kLeast) / std::log(*norm.keep))),
                    "update") +
            ".");
  }
}

void find_pace(const Examination& examination, Findings& findings) {
  for (const NormState& norm : examination.norms) {
    if (!norm.keep || !norm.assumed.empty() || norm.frozen) continue;
    const double window = 1 / (1 - *norm.keep);
    if (*norm.keep < kReversed)
      findings.add(Severity::warning, "decay-reversed", norm.layer,
                   "an update keeps " + percent(*norm.keep) + " of the average and takes " +
                       percent(1 - *norm.keep) + " from the batch",
                   {{"keep", *norm.keep}},
                   "Decay::keep(" + text(1 - *norm.keep) + "), which is Decay::take(" +
                       text(*norm.keep) + ").");
    const auto steps = static_cast<double>(examination.steps);
    if (steps <= 0 || steps >= kWindows * window) continue;
    // An average over a tenth of the run, of ten steps at least.
    const double better = 1 - 1 / std::max(10.0, std::floor(steps / 10));
    if (better >= *norm.keep) continue;
    findings.add(Severity::warning, "decay-too-slow", norm.layer,
                 kept(norm) + " averages over about " + text(std::round(window)) +
                     " steps; the run has " + text(examination.steps),
                 {{"keep", *norm.keep}, {"window", window}, {"steps", steps}},
                 "Decay::keep(" + text(better) +
                     ") for a run as short as this; or compute the "
                     "statistics from training images at its end (recalibrate).");
  }
}

}  // namespace

void find_in_statistics(const Examination& examination, Findings& findings) {
  find_never_updated(examination, findings);
  find_initial_weight(examination, findings);
  find_pace(examination, findings);
}

}  // namespace evenkeel::doctor
