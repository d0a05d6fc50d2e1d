// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "evenkeel/graph/op_text.h"
#include "evenkeel/graph/text.h"

namespace evenkeel {
namespace {

// "%pool1.1" taken apart; a State's value begins with '@'.
struct Reference {
  bool state = false;
  std::string name;
  std::uint32_t output = 0;
};

Reference read_reference(TextCursor& in) {
  Reference result;
  result.state = in.accept("@");
  if (!result.state && !in.accept("%")) in.fail("a value, % or @ and a name");
  bool was_quoted = false;
  result.name = in.name("a node's name", &was_quoted);
  std::string_view stem;
  if (!was_quoted && split_output(result.name, stem, result.output))
    result.name = std::string(stem);
  if (was_quoted && in.accept(".")) {
    const std::int64_t output = in.integer();
    if (output < 0 || output > 0xffff) in.fail("the number of an output");
    result.output = static_cast<std::uint32_t>(output);
  }
  return result;
}

void require_sigil(const TextCursor& in, const Reference& reference, const Op& op) {
  if (reference.state != std::holds_alternative<State>(op))
    in.refuse("expected @ before the name of a state and % before any other, got '" +
              std::string(reference.state ? "@" : "%") + reference.name + "'");
}

Value read_value(const Graph& graph, TextCursor& in) {
  const Reference reference = read_reference(in);
  const Value value = {graph.find(reference.name), reference.output};
  graph.require_value(reference.name, value);
  require_sigil(in, reference, graph.node(value).op);
  return value;
}

// "%pool1, %pool1.1 =": the node's name and how many outputs the text gives it.
std::pair<Reference, std::size_t> read_results(TextCursor& in) {
  Reference first = read_reference(in);
  std::size_t count = 1;
  bool in_order = first.output == 0;
  while (in.accept(",")) {
    const Reference next = read_reference(in);
    in_order =
        in_order && next.name == first.name && next.state == first.state && next.output == count;
    ++count;
  }
  if (!in_order) in.refuse("expected a node's outputs in order: %x, %x.1, ...");
  in.expect("=");
  return {std::move(first), count};
}

void read_node(Graph& graph, TextCursor& in) {
  const auto [result, count] = read_results(in);
  if (result.name.empty() || graph.contains(result.name))
    in.refuse("expected a new name, got '" + result.name + "' again");
  const std::size_t op_index = read_op_name(in);
  std::vector<Value> inputs;
  TextCursor ahead = in;
  if (ahead.accept("%") || ahead.accept("@")) {
    do {
      inputs.push_back(read_value(graph, in));
    } while (in.accept(","));
  }
  Op op = read_op_attributes(in, op_index);
  require_sigil(in, result, op);
  const Value first = graph.add(std::move(op), std::move(inputs), result.name);
  const Types inferred = graph.node(first).outputs;
  if (inferred.size() != count)
    in.refuse("expected " + std::to_string(inferred.size()) + " outputs of '" + result.name +
              "', got " + std::to_string(count));
  for (std::size_t output = 0; output < count; ++output) {
    in.expect(output == 0 ? ":" : ",");
    const TextCursor before = in;
    const ValueType type = read_type(in);
    if (!fits(type, inferred[output], graph.node(first).op))
      before.fail("the type " + to_string(inferred[output]) + ", which follows from the inputs");
    graph.set_layout({first.node, static_cast<std::uint32_t>(output)}, type.layout,
                     type.packed_bytes);
  }
}

void read_statement(Graph& graph, TextCursor& in) {
  if (in.accept("update ")) {
    const Value state = read_value(graph, in);
    in.expect("<-");
    graph.update(state, read_value(graph, in));
  } else if (in.accept("guard ")) {
    graph.guard(read_value(graph, in));
  } else if (in.accept("check ")) {
    graph.check_after(read_value(graph, in));
  } else if (in.accept("output ")) {
    std::string name = in.name("the output's name");
    in.expect("=");
    graph.output(std::move(name), read_value(graph, in));
  } else {
    in.fail("a node, update, guard, check or output");
  }
}

void read_line(Graph& graph, std::string_view line, std::size_t number) {
  TextCursor in(line, number);
  try {
    TextCursor ahead = in;
    if (ahead.accept("%") || ahead.accept("@"))
      read_node(graph, in);
    else
      read_statement(graph, in);
  } catch (const InvalidArgument& error) {
    throw DataError("line " + std::to_string(number), error.what());
  }
  in.expect_end();
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Graph parse_graph(std::string_view text) {
  std::optional<Graph> graph;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(line)) continue;
    if (graph) {
      read_line(*graph, line, number);
      continue;
    }
    TextCursor in(line, number);
    in.expect("graph ");
    graph.emplace(in.name("the graph's name"));
    in.expect_end();
  }
  if (!graph) throw DataError("line 1", "expected 'graph' and a name, got an empty text");
  return *std::move(graph);
}

}  // namespace evenkeel
