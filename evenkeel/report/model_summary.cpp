// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/model_summary.h"

#include <map>
#include <utility>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/text_cursor.h"
#include "evenkeel/kernels/flops.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

void add_state(LayerSummary& layer, const State& state, const DecayRoles& decays) {
  const std::int64_t elements = state.type.shape.elements();
  if (decays.includes(state.role) && !state.frozen) layer.decayed += elements;
  (state.frozen ? layer.frozen : trained(state.role) ? layer.trainable : layer.state) += elements;
  layer.weight_bytes += state.type.bytes();
}

void add_to(LayerSummary& total, const LayerSummary& layer) {
  total.trainable += layer.trainable;
  total.decayed += layer.decayed;
  total.state += layer.state;
  total.weight_bytes += layer.weight_bytes;
  total.flops += layer.flops;
  total.output_bytes += layer.output_bytes;
  total.frozen += layer.frozen;
  total.has_frozen |= layer.has_frozen;
}

// "L1 0.01, L2 0.1, norm at most 2" of a trained state; empty where it has none.
std::string rules_of(const State& state) {
  std::string text;
  const auto add = [&](const std::string& rule) { text += (text.empty() ? "" : ", ") + rule; };
  if (state.l1 != 0) add("L1 " + number_text(state.l1));
  if (state.l2 != 0) add("L2 " + number_text(state.l2));
  if (state.bound == Bound::non_negative) add("non-negative");
  if (state.bound == Bound::unit_norm) add("norm 1");
  if (state.bound == Bound::max_norm) add("norm at most " + number_text(state.high));
  if (state.bound == Bound::min_max_norm)
    add("norm from " + number_text(state.low) + " to " + number_text(state.high) + " at rate " +
        number_text(state.rate));
  return text;
}

std::vector<std::string> cells(const LayerSummary& layer, const std::string& shape) {
  return {layer.name,
          layer.kind,
          shape,
          with_thousands(layer.trainable),
          with_thousands(layer.decayed),
          with_thousands(layer.state),
          readable_count(layer.flops),
          readable_bytes(layer.weight_bytes),
          readable_bytes(layer.output_bytes)};
}

std::string decay_text(const DecayRoles& decays) {
  std::string pulled;
  std::string spared;
  const auto add = [&](bool included, const char* what) {
    std::string& list = included ? pulled : spared;
    list += (list.empty() ? "" : ", ") + std::string(what);
  };
  add(decays.kernels, "kernels");
  add(decays.gamma, "gamma");
  add(decays.beta, "beta");
  add(decays.bias, "biases");
  return "Weight decay and L2, where asked for, apply to " + (pulled.empty() ? "nothing" : pulled) +
         (spared.empty() ? "" : "; not to " + spared) + ".\n";
}

std::string rules_text(const std::vector<std::string>& rules) {
  std::string text = rules.empty() ? "" : "Penalties and bounds of their own:\n";
  for (const std::string& rule : rules) text += "  " + rule + "\n";
  return text;
}

}  // namespace

ModelSummary summarise(const Model& model, const DecayRoles& decays) {
  const Graph& graph = model.graph();
  ModelSummary result;
  result.model = model.name();
  result.decays = decays;
  result.input = graph.node(graph.find("images")).outputs[0];
  std::map<std::string, std::size_t, std::less<>> places;
  for (const LayerInfo& info : model.layers()) {
    LayerSummary layer{info.name, info.kind, info.output};
    layer.output_bytes = info.output.bytes();
    places.emplace(info.name, result.layers.size());
    result.layers.push_back(std::move(layer));
  }
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const auto place = places.find(layer_of(graph.node(id).name));
    if (place == places.end()) continue;
    LayerSummary& layer = result.layers[place->second];
    if (const auto* batch_norm = std::get_if<BatchNorm>(&graph.node(id).op))
      layer.has_frozen |= batch_norm->frozen;
    if (const auto* state = std::get_if<State>(&graph.node(id).op)) {
      add_state(layer, *state, decays);
      if (const std::string rules = rules_of(*state); !rules.empty())
        result.rules.push_back(graph.node(id).name + ": " + rules);
    } else {
      layer.flops += flops_of(call_of(graph, id, 1, 1));
    }
  }
  result.total.name = "total";
  for (const LayerSummary& layer : result.layers) add_to(result.total, layer);
  return result;
}

std::string to_text(const ModelSummary& summary) {
  using Align = TextTable::Align;
  const bool frozen = summary.total.has_frozen;
  std::vector<TextTable::Column> columns = {
      {"layer", Align::left}, {"kind", Align::left}, {"output", Align::left},
      {"trainable"},          {"decayed"},           {"state"},
      {"FLOPs/image"},        {"weights"},           {"output/image"}};
  if (frozen) columns.push_back({"frozen", Align::left});
  TextTable table(std::move(columns));
  const auto add = [&](std::vector<std::string> row, const std::string& mark) {
    if (frozen) row.push_back(mark);
    table.add(std::move(row));
  };
  for (const LayerSummary& layer : summary.layers)
    add(cells(layer, to_string(layer.output.shape)), layer.has_frozen ? "F" : "");
  table.rule();
  add(cells(summary.total, ""), with_thousands(summary.total.frozen));
  return summary.model + ": " + to_string(summary.input) + " -> " +
         to_string(summary.layers.back().output) + "\n\n" + table.text() + "\n" +
         decay_text(summary.decays) + rules_text(summary.rules);
}

}  // namespace evenkeel
