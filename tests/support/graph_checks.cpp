// SPDX-License-Identifier: Apache-2.0
#include "tests/support/graph_checks.h"

#include <cstddef>

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/op_text.h"
#include "evenkeel/graph/text.h"

namespace evenkeel::test {
namespace {

// "%loss/grad" of "%loss/grad = ...".
std::string name_in_text(const Graph& graph, Value value) {
  std::string name = "%" + name_text(graph.node(value).name);
  return value.output == 0 ? name : name + "." + std::to_string(value.output);
}

std::string node_lines(const Graph& graph, std::size_t first) {
  const std::string all = to_text(graph);
  std::size_t begin = all.find('\n') + 1;
  for (std::size_t node = 0; node < first; ++node) begin = all.find('\n', begin) + 1;
  std::size_t end = begin;
  for (std::size_t node = first; node < graph.nodes().size(); ++node) end = all.find('\n', end) + 1;
  return all.substr(begin, end - begin);
}

}  // namespace

std::string infer(const Op& op, std::string_view input_types) {
  Graph graph;
  std::vector<Value> inputs;
  TextCursor in(input_types, 1);
  if (!input_types.empty()) {
    do {
      inputs.push_back(graph.add(Input{read_type(in)}, {}, "x"));
    } while (in.accept(","));
    in.expect_end();
  }
  try {
    std::string types;
    for (const ValueType& type : graph.node(graph.add(op, inputs)).outputs)
      types += (types.empty() ? "" : ", ") + to_string(type);
    return types;
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

std::string differentiate(std::string_view text, const std::vector<std::string>& by) {
  Graph graph = parse_graph(text);
  const std::size_t before = graph.nodes().size();
  std::vector<Value> values;
  values.reserve(by.size());
  for (const std::string& name : by) values.push_back({graph.find(name), 0});
  try {
    std::string result = "->";
    for (const Value value : gradients(graph, {graph.find("loss"), 0}, values))
      result += " " + name_in_text(graph, value);
    return node_lines(graph, before) + result + "\n";
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace evenkeel::test
