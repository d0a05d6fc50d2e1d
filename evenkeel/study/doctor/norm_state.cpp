// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/doctor/norm_state.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/graph/graph.h"

namespace evenkeel::doctor {
namespace {

// A state's tensor in the file, or a constant in its place.
Numbers operand(const Patient& patient, const Graph& graph, Value value) {
  const Node& node = graph.node(value);
  if (const auto* constant = std::get_if<Constant>(&node.op))
    return Numbers(static_cast<std::size_t>(constant->type.shape.elements()), constant->value);
  const auto found = patient.state.find(node.name);
  return found == patient.state.end() ? Numbers{} : numbers_of(found->second);
}

// Empty for a constant.
std::string state_name(const Graph& graph, Value value) {
  const Node& node = graph.node(value);
  const auto* state = std::get_if<State>(&node.op);
  return state != nullptr && trained(state->role) ? node.name : "";
}

bool frozen(const Graph& graph, Value value) {
  const auto* state = std::get_if<State>(&graph.node(value).op);
  return state != nullptr && state->frozen;
}

NormState state_of(const Patient& patient, const Graph& graph, const Node& node,
                   const BatchNorm& op) {
  NormState norm;
  norm.layer = node.name;
  norm.mean_name = graph.node(node.inputs[BatchNorm::kMovingMean]).name;
  norm.variance_name = graph.node(node.inputs[BatchNorm::kMovingVariance]).name;
  norm.gamma_name = state_name(graph, node.inputs[BatchNorm::kGamma]);
  norm.beta_name = state_name(graph, node.inputs[BatchNorm::kBeta]);
  norm.gamma = operand(patient, graph, node.inputs[BatchNorm::kGamma]);
  norm.beta = operand(patient, graph, node.inputs[BatchNorm::kBeta]);
  norm.mean = operand(patient, graph, node.inputs[BatchNorm::kMovingMean]);
  norm.variance = operand(patient, graph, node.inputs[BatchNorm::kMovingVariance]);
  norm.epsilon = op.epsilon;
  norm.keep = op.keep;
  if (op.cumulative()) norm.keep.reset();  // a mean over all updates
  norm.count_weighted = op.count_weighted;
  norm.updates = count_of(operand(patient, graph, node.inputs[BatchNorm::kUpdatesSeen]));
  if (norm.updates && *norm.updates >= kSettledUpdates) norm.updates.reset();  // nobody counted
  norm.frozen = op.frozen;
  norm.frozen_in_part = !op.frozen && (frozen(graph, node.inputs[BatchNorm::kGamma]) ||
                                       frozen(graph, node.inputs[BatchNorm::kBeta]));
  return norm;
}

}  // namespace

bool NormState::initial() const {
  return !mean.empty() && mean.size() == variance.size() &&
         std::all_of(mean.begin(), mean.end(), [](double value) { return value == 0; }) &&
         std::all_of(variance.begin(), variance.end(), [](double value) { return value == 1; });
}

bool NormState::valid() const {
  return std::all_of(variance.begin(), variance.end(),
                     [](double value) { return value >= 0 && std::isfinite(value); });
}

std::optional<double> NormState::initial_weight() const {
  if (!updates) return std::nullopt;
  if (*updates == 0) return 1;
  if (count_weighted) return 0;
  if (!keep) return std::nullopt;
  return std::pow(*keep, static_cast<double>(*updates));
}

std::string NormState::epsilon_text() const {
  return "epsilon " + text(epsilon) + (assumed.empty() ? "" : " (" + assumed + ")");
}

std::vector<NormState> norm_states(const Patient& patient) {
  if (!patient.model) return foreign_norm_states(patient.state);
  std::vector<NormState> norms;
  const Graph& graph = patient.model->graph();
  for (const Node& node : graph.nodes())
    if (const auto* op = std::get_if<BatchNorm>(&node.op))
      norms.push_back(state_of(patient, graph, node, *op));
  return norms;
}

}  // namespace evenkeel::doctor
