// SPDX-License-Identifier: Apache-2.0
// What stands before a batch norm and should not.
#include <fmt/format.h>

#include <charconv>

#include "evenkeel/study/doctor/examination.h"
#include "evenkeel/study/doctor/network.h"

namespace evenkeel::doctor {
namespace {

void add_bias(const std::string& layer, const std::string& bias, std::int64_t count,
              const std::string& certainty, Findings& findings) {
  findings.add(
      Severity::info, "bias-before-batch-norm", layer,
      bias + " adds " + counted(count, "number") + " that batch norm subtracts again" + certainty,
      {{"numbers", static_cast<double>(count)}},
      "Build the layer before it without a bias (.bias = false; bias=False in PyTorch; "
      "use_bias=False in Keras): beta does its work.");
}

void find_in_network(const Graph& graph, const NormState& norm, Findings& findings) {
  // By fixed statistics a bias is not subtracted again.
  if (const auto bias = bias_before(graph, norm.layer); bias && !norm.frozen) {
    const Node& node = graph.node(*bias);
    add_bias(norm.layer, node.name, node.outputs[0].shape.elements(), "", findings);
  }
  const auto dropout = dropout_before(graph, norm.layer);
  if (!dropout) return;
  const double factor = 1 / (1 - dropout->rate);
  findings.add(
      Severity::warning, "dropout-before-batch-norm", norm.layer,
      fmt::format("{} drops {} before it{}: the mean square behind dropout is 1 / (1 - {}) = {} "
                  "times as large in training as in predictions",
                  dropout->layer, percent(dropout->rate),
                  dropout->weights_between == 0
                      ? std::string()
                      : ", with " + counted(dropout->weights_between, "layer") + " between",
                  text(dropout->rate), text(factor)),
      {{"rate", dropout->rate},
       {"factor", factor},
       {"layers_between", static_cast<double>(dropout->weights_between)}},
      "Move dropout behind the last batch norm, or leave it out: batch norm regularises by "
      "itself.");
}

// "features.2" of "features.3": the module before it in PyTorch's Sequential; "conv1" of "bn1".
std::string name_before(const std::string& layer) {
  const std::size_t digits = layer.find_last_not_of("0123456789") + 1;
  if (digits == layer.size()) return "";
  if (digits == 0 || layer[digits - 1] == '.') {
    std::int64_t number = 0;
    std::from_chars(layer.data() + digits, layer.data() + layer.size(), number);
    return number == 0 ? "" : layer.substr(0, digits) + std::to_string(number - 1);
  }
  if (digits < 2 || layer.substr(digits - 2, 2) != "bn") return "";
  return layer.substr(0, digits - 2) + "conv" + layer.substr(digits);
}

void find_by_names(const Patient& patient, const NormState& norm, Findings& findings) {
  const std::string before = name_before(norm.layer);
  if (before.empty()) return;
  const auto weight = patient.state.find(before + ".weight");
  const auto bias = patient.state.find(before + ".bias");
  const Shape channels{std::ssize(norm.mean)};
  // A convolution or a dense layer has a weight of rank 2 or more; another norm does not.
  if (weight == patient.state.end() || bias == patient.state.end() ||
      weight->second.shape.rank() < 2 || bias->second.shape != channels)
    return;
  add_bias(norm.layer, bias->first, channels[0], ", if the names tell the order right", findings);
}

}  // namespace

void find_in_structure(const Examination& examination, Findings& findings) {
  const Patient& patient = examination.patient;
  for (const NormState& norm : examination.norms) {
    if (patient.model)
      find_in_network(patient.model->graph(), norm, findings);
    else
      find_by_names(patient, norm, findings);
  }
}

}  // namespace evenkeel::doctor
