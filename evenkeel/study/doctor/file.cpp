// SPDX-License-Identifier: Apache-2.0
// What the bytes tell: wrong checksums, values that are not finite, variances that cannot be.
#include <algorithm>
#include <cmath>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

bool finite(double value) { return std::isfinite(value); }

void find_damage(const Examination& examination, Findings& findings) {
  for (const auto& [tensor, damage] : examination.patient.damage)
    findings.add(Severity::error, "checksum-wrong", tensor, damage,
                 {{"damaged_tensors", static_cast<double>(examination.patient.damage.size())},
                  {"tensors", static_cast<double>(examination.patient.state.size())}},
                 "Take another copy of the file, or an earlier checkpoint of the run. What is said "
                 "below is of the damaged bytes.");
}

void find_variances(const Examination& examination, Findings& findings) {
  for (const NormState& norm : examination.norms) {
    const auto bad = std::count_if(norm.variance.begin(), norm.variance.end(),
                                   [](double v) { return !(v >= 0) || !finite(v); });
    if (bad == 0) continue;
    const auto at = std::find_if(norm.variance.begin(), norm.variance.end(),
                                 [](double v) { return !(v >= 0) || !finite(v); });
    findings.add(Severity::error, "moving-variance-invalid", norm.layer,
                 norm.variance_name + " is negative or not finite in " + text(bad) + " of " +
                     counted(std::ssize(norm.variance), "channel") + ", the first " + text(*at) +
                     " in channel " + text(at - norm.variance.begin()),
                 {{"channels", static_cast<double>(norm.variance.size())},
                  {"invalid", static_cast<double>(bad)},
                  {"first_invalid", static_cast<double>(at - norm.variance.begin())}},
                 "Compute the statistics anew from training images (recalibrate). If another "
                 "program made the file: a variance as E[x^2] - E[x]^2 cancels; sum (x - mean)^2 "
                 "does not.");
  }
}

void find_non_finite(const Examination& examination, Findings& findings) {
  for (const auto& each : examination.patient.state) {
    const std::string& name = each.first;
    const bool variance =
        std::any_of(examination.norms.begin(), examination.norms.end(),
                    [&](const NormState& norm) { return norm.variance_name == name; });
    if (variance) continue;
    const Numbers numbers = numbers_of(each.second);
    const auto bad = std::ssize(numbers) - std::count_if(numbers.begin(), numbers.end(), finite);
    if (bad == 0) continue;
    findings.add(
        Severity::error, "values-not-finite", name,
        text(bad) + " of " + counted(std::ssize(numbers), "value") + " are NaN or infinite",
        {{"values", static_cast<double>(numbers.size())}, {"not_finite", static_cast<double>(bad)}},
        "Go back to an earlier checkpoint, and on with a lower learning rate or "
        "--clip-norm.");
  }
  if (examination.measured && !examination.measured->not_finite.empty())
    findings.add(Severity::error, "values-not-finite", examination.measured->not_finite,
                 "gives a value that is not finite for a batch of " +
                     counted(examination.measured->images, "image"),
                 {{"images", static_cast<double>(examination.measured->images)}},
                 "Lower the learning rate and the initial weights, or look at the data.");
}

}  // namespace

void find_in_file(const Examination& examination, Findings& findings) {
  find_damage(examination, findings);
  find_variances(examination, findings);
  find_non_finite(examination, findings);
}

}  // namespace evenkeel::doctor
