// SPDX-License-Identifier: Apache-2.0
// What one step of the optimiser does, and what its decay applies to.
#include "evenkeel/graph/graph.h"
#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

constexpr double kSmallest = 1e-5;
constexpr double kLargestRate = 0.1;

void find_decay(const Examination& examination, Findings& findings) {
  const Patient& patient = examination.patient;
  const DecayRoles& decays = decays_of(patient.optimizer);
  const double decay = weight_decay_of(patient.optimizer);
  if (!patient.model || decay <= 0 || examination.norms.empty()) return;
  if (!decays.gamma && !decays.beta) return;
  std::int64_t numbers = 0;
  for (const NormState& norm : examination.norms) {
    if (norm.frozen) continue;
    if (decays.gamma && !norm.gamma_name.empty()) numbers += std::ssize(norm.gamma);
    if (decays.beta && !norm.beta_name.empty()) numbers += std::ssize(norm.beta);
  }
  if (numbers == 0) return;
  const std::string which = decays.gamma && decays.beta ? "gamma and beta"
                            : decays.gamma              ? "gamma"
                                                        : "beta";
  findings.add(Severity::warning, "weight-decay-on-gamma-beta", "",
               std::string(name_of(patient.optimizer)) + " with a decay of " + text(decay) +
                   " pulls " + which + " too: " + counted(numbers, "number") + " in " +
                   counted(std::ssize(examination.norms), "batch norm"),
               {{"decay", decay}, {"numbers", static_cast<double>(numbers)}},
               "Leave the optimiser's .decays as they are by default: kernels alone.");
}

void find_ratio(const Examination& examination, const KernelMeasured& kernel, Findings& findings) {
  if (kernel.weight_norm == 0) return;
  const Patient& patient = examination.patient;
  const double base = learning_rate_of(patient.optimizer);
  // The schedule's rate at this step for what is too much, the base rate for what is too little: at
  // its end a schedule is to be small.
  const double now = examination.steps > 0
                         ? patient.schedule.rate(base, patient.step.value_or(0), examination.steps)
                         : base;
  const double ratio = kernel.update_norm / kernel.weight_norm;
  const bool large = ratio * now / base > kLargestRate;
  if (!large && ratio >= kSmallest) return;
  findings.add(Severity::warning, "update-to-weight-ratio", kernel.layer,
               "a step at learning rate " + text(large ? now : base) + " changes its weights by " +
                   percent(large ? ratio * now / base : ratio) + " of their norm",
               {{"ratio", large ? ratio * now / base : ratio},
                {"learning_rate", large ? now : base},
                {"weight_norm", kernel.weight_norm}},
               large ? "Lower the learning rate, or let it rise over some steps (--warm-up)."
                     : "Raise the learning rate; or see why next to no gradient arrives here.");
}

}  // namespace

void find_in_optimizer(const Examination& examination, Findings& findings) {
  find_decay(examination, findings);
  if (!examination.measured) return;
  for (const KernelMeasured& kernel : examination.measured->kernels)
    find_ratio(examination, kernel, findings);
}

}  // namespace evenkeel::doctor
