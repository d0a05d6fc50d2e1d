// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/model_summary.h"

#include <map>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/kernels/flops.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

void add_state(LayerSummary& layer, const State& state, const DecayRoles& decays) {
  const std::int64_t elements = state.type.shape.elements();
  if (decays.includes(state.role)) layer.decayed += elements;
  (trained(state.role) ? layer.trainable : layer.state) += elements;
  layer.weight_bytes += state.type.bytes();
}

void add_to(LayerSummary& total, const LayerSummary& layer) {
  total.trainable += layer.trainable;
  total.decayed += layer.decayed;
  total.state += layer.state;
  total.weight_bytes += layer.weight_bytes;
  total.flops += layer.flops;
  total.output_bytes += layer.output_bytes;
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
    if (const auto* state = std::get_if<State>(&graph.node(id).op))
      add_state(layer, *state, decays);
    else
      layer.flops += flops_of(call_of(graph, id, 1, 1));
  }
  result.total.name = "total";
  for (const LayerSummary& layer : result.layers) add_to(result.total, layer);
  return result;
}

std::string to_text(const ModelSummary& summary) {
  using Align = TextTable::Align;
  TextTable table({{"layer", Align::left},
                   {"kind", Align::left},
                   {"output", Align::left},
                   {"trainable"},
                   {"decayed"},
                   {"state"},
                   {"FLOPs/image"},
                   {"weights"},
                   {"output/image"}});
  for (const LayerSummary& layer : summary.layers)
    table.add(cells(layer, to_string(layer.output.shape)));
  table.rule();
  table.add(cells(summary.total, ""));
  return summary.model + ": " + to_string(summary.input) + " -> " +
         to_string(summary.layers.back().output) + "\n\n" + table.text() + "\n" +
         decay_text(summary.decays);
}

}  // namespace evenkeel
