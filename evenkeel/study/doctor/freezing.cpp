// SPDX-License-Identifier: Apache-2.0
// Layers that stood still in part: the same network earlier in its run is held against it.
#include <algorithm>
#include <set>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

bool same(const Patient& now, const Patient& before, const std::string& name) {
  const auto a = now.state.find(name);
  const auto b = before.state.find(name);
  return a != now.state.end() && b != before.state.end() && a->second == b->second;
}

// Did an optimiser work on anything between the two? Statistics alone may have been recomputed.
bool trained_between(const Examination& examination, const Patient& before) {
  std::set<std::string> statistics;
  for (const NormState& norm : examination.norms) {
    statistics.insert(norm.mean_name);
    statistics.insert(norm.variance_name);
  }
  const auto& state = examination.patient.state;
  return std::any_of(state.begin(), state.end(), [&](const auto& each) {
    const auto& [name, tensor] = each;
    const bool number = tensor.dtype == DType::f32 || tensor.dtype == DType::f64;
    return number && statistics.count(name) == 0 && before.state.count(name) > 0 &&
           !same(examination.patient, before, name);
  });
}

}  // namespace

void find_in_freezing(const Examination& examination, Findings& findings) {
  if (examination.options.before == nullptr) return;
  const Patient& before = *examination.options.before;
  const Patient& now = examination.patient;
  if (!trained_between(examination, before)) return;
  for (const NormState& norm : examination.norms) {
    if (norm.gamma_name.empty() && norm.beta_name.empty()) continue;
    bool still = true;
    for (const std::string& name : {norm.gamma_name, norm.beta_name})
      still = still && (name.empty() || same(now, before, name));
    if (!still || before.state.count(norm.mean_name) == 0) continue;
    if (same(now, before, norm.mean_name) && same(now, before, norm.variance_name)) continue;
    findings.add(
        Severity::error, "frozen-that-is-not", norm.layer,
        "since " + before.name +
            " gamma and beta have not changed by a bit, but the moving "
            "statistics have, and so have other weights",
        {{"channels", static_cast<double>(norm.mean.size())}},
        "Freeze the layer as a whole. In PyTorch requires_grad = False stops gamma and beta "
        "alone: call eval() on the layer too, after each model.train(). In TensorFlow 1 "
        "pass training=False and leave its update ops out.");
  }
}

}  // namespace evenkeel::doctor
