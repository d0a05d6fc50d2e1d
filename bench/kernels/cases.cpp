// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "evenkeel/base/os.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::bench {
namespace {

namespace fs = std::filesystem;

Graph read_graph(const fs::path& path) {
  const auto bytes = os::read_file(path);
  return parse_graph({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// The step as it was written, and as the last pass left it: from the pipeline's own dumps.
std::pair<Graph, Graph> step_graphs(const Model& model, std::int64_t batch) {
  const fs::path folder =
      fs::temp_directory_path() / ("evenkeel-bench-" + std::to_string(std::random_device()()));
  fs::remove_all(folder);
  CompileOptions options;
  options.batch = batch;
  options.passes.dump_directory = folder;
  compile_training_step(
      model.graph(),
      [](const Graph& graph) {
        return add_training_step(graph, Loss::softmax_cross_entropy, Adam{});
      },
      options);
  std::vector<fs::path> dumps;
  for (const auto& entry : fs::directory_iterator(folder)) dumps.push_back(entry.path());
  std::sort(dumps.begin(), dumps.end());
  const auto written = std::find_if(dumps.begin(), dumps.end(), [](const fs::path& path) {
    return path.string().find("-add_step") != std::string::npos;
  });
  auto graphs = std::make_pair(read_graph(*written), read_graph(dumps.back()));
  fs::remove_all(folder);
  return graphs;
}

Case case_of(const std::string& network, const Graph& graph, const Node& node) {
  Case result;
  result.network = network;
  std::vector<Value> inputs;
  for (const Value value : node.inputs) {
    const ValueType& type = graph.type(value);
    inputs.push_back(result.graph.add(Input{{type.dtype, type.shape}}, {},
                                      "in" + std::to_string(inputs.size())));
  }
  const Value value = result.graph.add(node.op, inputs, "out");
  result.node = value.node;
  result.graph.output("out", value);
  return result;
}

bool computes(const Op& op) {
  return !std::holds_alternative<Input>(op) && !std::holds_alternative<State>(op) &&
         !std::holds_alternative<Constant>(op) && !std::holds_alternative<Reshape>(op) &&
         !std::holds_alternative<Reorder>(op);
}

bool convolves(const Op& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<Conv2dGradData>(op) ||
         std::holds_alternative<Conv2dGradKernel>(op);
}

void add(const std::string& network, const Graph& graph, bool (*wanted)(const Op&),
         std::vector<Case>& cases) {
  // Padding and places in a field make no other case.
  const auto what = [](const Case& of) {
    return std::string(name_of(of.graph.node(of.node).op)) + shapes_of(of, 1);
  };
  std::set<std::string> known;
  for (const Case& each : cases) known.insert(what(each));
  for (const Node& node : graph.nodes()) {
    if (!wanted(node.op)) continue;
    Case found = case_of(network, graph, node);
    if (known.insert(what(found)).second) cases.push_back(std::move(found));
  }
}

std::string dims(const ValueType& type) {
  std::string text;
  for (std::size_t i = 0; i < type.shape.rank(); ++i)
    text += (i == 0 ? "" : "x") + std::to_string(type.shape[i]);
  return text;
}

// "2 of 32x10 10"
std::string list(const Types& types) {
  std::string text;
  for (std::size_t i = 0; i < types.size();) {
    const std::string each = dims(types[i]);
    std::size_t same = 1;
    while (i + same < types.size() && dims(types[i + same]) == each) ++same;
    i += same;
    if (each.empty()) continue;
    text += (text.empty() ? "" : " ") + (same > 1 ? std::to_string(same) + " of " : "") + each;
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace

void add_cases(const std::string& network, const Model& model, std::int64_t batch, Cases& cases) {
  const auto [written, last] = step_graphs(model, batch);
  add(network, last, computes, cases.kernels);
  add(network, written, convolves, cases.convolutions);
}

std::string shapes_of(const Case& of, std::int64_t batch) {
  Types inputs, outputs;
  const Node& node = of.graph.node(of.node);
  for (const Value value : node.inputs) inputs.push_back(of.graph.type(value).bound(batch));
  for (const ValueType& type : node.outputs) outputs.push_back(type.bound(batch));
  return list(inputs) + " -> " + list(outputs);
}

double bytes_of(const Case& of, std::int64_t batch) {
  const Node& node = of.graph.node(of.node);
  std::int64_t bytes = 0;
  for (const Value value : node.inputs) bytes += of.graph.type(value).bytes(batch);
  for (const ValueType& type : node.outputs) bytes += type.bytes(batch);
  return static_cast<double>(bytes);
}

}  // namespace evenkeel::bench
