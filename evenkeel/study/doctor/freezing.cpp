// SPDX-License-Identifier: Apache-2.0
// Layers that stood still in part: the same network earlier in its run is held against it.
#include <algorithm>
#include <set>

#include "evenkeel/study/doctor/examination.h"
#include "evenkeel/train/recalibrate.h"

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

// A network of ours says what is frozen: that gamma and beta alone are, or that all is, though
// numbers have moved since `before`, when it was as well.
void find_by_network(const Examination& examination, const NormState& norm, Findings& findings) {
  const std::map<std::string, double> channels = {
      {"channels", static_cast<double>(norm.mean.size())}};
  if (norm.frozen_in_part)
    findings.add(Severity::error, "frozen-that-is-not", norm.layer,
                 "gamma or beta is frozen, but the layer is not: its moving statistics go on, and "
                 "training normalises with the batch's",
                 channels, "Freeze the layer as a whole: freeze(model, \"" + norm.layer + "\").");
  const Patient* before = examination.options.before;
  if (!norm.frozen || before == nullptr || !before->model) return;
  const std::vector<NormState> then = norm_states(*before);
  if (std::none_of(then.begin(), then.end(),
                   [&](const NormState& each) { return each.layer == norm.layer && each.frozen; }))
    return;
  std::string moved;
  for (const std::string& name :
       {norm.gamma_name, norm.beta_name, norm.mean_name, norm.variance_name})
    if (!name.empty() && !same(examination.patient, *before, name))
      moved += (moved.empty() ? "" : ", ") + name;
  if (moved.empty()) return;
  findings.add(Severity::error, "frozen-that-is-not", norm.layer,
               "the network says that it is frozen, as it was in " + before->name +
                   ", but not the same any more: " + moved,
               channels,
               "Training leaves a frozen layer as it is, so something else has written it: "
               "recalibration, set_state() or another program.");
}

// Another library's file does not say: gamma and beta that stand still to the bit were frozen.
void find_by_values(const Examination& examination, const NormState& norm, Findings& findings) {
  const Patient& before = *examination.options.before;
  const Patient& now = examination.patient;
  if (norm.gamma_name.empty() && norm.beta_name.empty()) return;
  bool still = true;
  for (const std::string& name : {norm.gamma_name, norm.beta_name})
    still = still && (name.empty() || same(now, before, name));
  if (!still || before.state.count(norm.mean_name) == 0) return;
  if (same(now, before, norm.mean_name) && same(now, before, norm.variance_name)) return;
  findings.add(Severity::error, "frozen-that-is-not", norm.layer,
               "since " + before.name +
                   " gamma and beta have not changed by a bit, but the moving "
                   "statistics have, and so have other weights",
               {{"channels", static_cast<double>(norm.mean.size())}},
               "Freeze the layer as a whole. In PyTorch requires_grad = False stops gamma and beta "
               "alone: call eval() on the layer too, after each model.train(). In TensorFlow 1 "
               "pass training=False and leave its update ops out.");
}

// Statistics of many images that small batches have replaced since `before`. A file does not say
// how large its batches were: whoever asks does.
void find_relearned(const Examination& examination, const NormState& norm, Findings& findings) {
  constexpr std::int64_t kFew = 16;  // images
  constexpr double kMoved = 0.1;
  const std::int64_t batch = examination.batch;
  if (batch == 0 || batch >= kFew) return;
  for (const NormState& then : norm_states(*examination.options.before)) {
    if (then.layer != norm.layer || then.initial() || then.mean.size() != norm.mean.size())
      continue;
    RecalibratedLayer moved;
    moved.mean = norm.mean;
    moved.variance = norm.variance;
    moved.mean_before = then.mean;
    moved.variance_before = then.variance;
    moved.epsilon = norm.epsilon;
    const StatisticsShift shift = shift_of(moved);
    if (shift.median_mean < kMoved && shift.median_deviation < 1 + kMoved) continue;
    const bool counted_both = norm.updates && then.updates && *norm.updates > *then.updates;
    findings.add(Severity::warning, "unfrozen-that-should-be", norm.layer,
                 "since " + examination.options.before->name + " " +
                     (counted_both ? counted(*norm.updates - *then.updates, "update")
                                   : std::string("updates")) +
                     " by batches of " + counted(batch, "image") + " moved its statistics" +
                     (then.updates ? ", which were of " + counted(*then.updates, "update") : "") +
                     ": the median channel's mean by " + text(shift.median_mean) +
                     " standard deviations, its deviation " + text(shift.median_deviation) +
                     " times",
                 {{"batch", static_cast<double>(batch)},
                  {"mean_moved", shift.median_mean},
                  {"deviation_changed", shift.median_deviation}},
                 "Fine-tune with its statistics, gamma and beta as they were: eval() on the layer "
                 "after each model.train(), and requires_grad = False; in Keras trainable = "
                 "False.");
  }
}

}  // namespace

void find_in_freezing(const Examination& examination, Findings& findings) {
  const Patient* before = examination.options.before;
  const bool ours = examination.patient.model.has_value();
  if (!ours && (before == nullptr || !trained_between(examination, *before))) return;
  for (const NormState& norm : examination.norms)
    if (ours) {
      find_by_network(examination, norm, findings);
    } else {
      find_by_values(examination, norm, findings);
      find_relearned(examination, norm, findings);
    }
}

}  // namespace evenkeel::doctor
