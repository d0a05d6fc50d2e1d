// SPDX-License-Identifier: Apache-2.0
#include "tests/support/decisions.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "evenkeel/compile/readers.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

constexpr std::size_t kPlacesShown = 5;

// The max-pool that alone reads a ReLU, if there is one.
std::optional<NodeId> pool_behind(const Graph& graph, const Readers& readers, NodeId relu) {
  const Value y = {relu, 0};
  if (!readers.single(y)) return std::nullopt;
  const NodeId reader = readers.of(y).front();
  if (!std::holds_alternative<MaxPool2d>(graph.node(reader).op)) return std::nullopt;
  return reader;
}

void require_simple(const Graph& graph, const Readers& readers, NodeId id, const MaxPool2d& pool) {
  const Node& node = graph.node(id);
  const Value y = node.inputs[0];
  if (!std::holds_alternative<Relu>(graph.node(y).op) || !readers.single(y))
    throw InvalidArgument(node.name,
                          "expected a max-pool behind a ReLU that nothing else reads, got one "
                          "behind " +
                              graph.node(y).name + "; compare networks without it");
  if (pool.stride != pool.window || pool.padding != Padding4{0, 0, 0, 0})
    throw InvalidArgument(node.name,
                          "expected windows that neither overlap nor are padded, got others; "
                          "compare networks without it");
}

// Calls visit(elements) with the indices among which each decision chooses. x: [N,..], of a pool
// [N,H,W,C].
template <typename Visit>
void for_each_choice(const Shape& x, const std::optional<MaxPool2d>& pool, const Visit& visit) {
  std::vector<std::size_t> elements;
  if (!pool) {
    elements.resize(1);
    for (auto& i = elements[0]; i < static_cast<std::size_t>(x.elements()); ++i) visit(elements);
    return;
  }
  const auto [R, S] = pool->window;
  for (std::int64_t n = 0; n < x[0]; ++n)
    for (std::int64_t h = 0; h + R <= x[1]; h += R)
      for (std::int64_t w = 0; w + S <= x[2]; w += S)
        for (std::int64_t c = 0; c < x[3]; ++c) {
          elements.clear();
          for (std::int64_t r = 0; r < R; ++r)
            for (std::int64_t s = 0; s < S; ++s)
              elements.push_back(
                  static_cast<std::size_t>(((n * x[1] + h + r) * x[2] + w + s) * x[3] + c));
          visit(elements);
        }
}

// "[3,0,4,17]"
std::string place_of(const Shape& shape, std::size_t index) {
  std::string text;
  auto rest = static_cast<std::int64_t>(index);
  for (std::size_t axis = shape.rank(); axis-- > 0; rest /= shape[axis])
    text = (axis > 0 ? "," : "[") + std::to_string(rest % shape[axis]) + text;
  return text + "]";
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

// One decision: what was taken, and what x says.
struct Choice {
  std::optional<std::size_t> taken = {};
  std::optional<std::size_t> right = {};
  int count = 0;     // of those taken
  double value = 0;  // of what was taken, 0 for none
  double best = 0;   // the largest, at least 0

  Choice(const std::vector<std::size_t>& elements, const std::vector<double>& all_taken,
         const std::vector<double>& x) {
    for (const std::size_t i : elements) {
      if (x[i] > best) {
        best = x[i];
        right = i;
      }
      if (all_taken[i] == 0) continue;
      ++count;
      taken = i;
      value = x[i];
    }
  }
};

}  // namespace

std::vector<Decider> deciders_of(const Graph& network) {
  const Readers readers(network);
  std::vector<Decider> result;
  for (NodeId id = 0; id < network.nodes().size(); ++id) {
    const Node& node = network.node(id);
    const auto* pool = std::get_if<MaxPool2d>(&node.op);
    if (pool != nullptr) {
      require_simple(network, readers, id, *pool);
      result.push_back({"decision/" + node.name, id, *pool});
    } else if (std::holds_alternative<Relu>(node.op) && !pool_behind(network, readers, id)) {
      result.push_back({"decision/" + node.name, id});
    }
  }
  return result;
}

// ReLU's y is read by its gradient anyway. An argmax as an output would keep ReLU from being fused
// into the pool; behind one more gradient of both it is what the step's own gradient reads.
void output_decisions(Graph& step, const std::vector<Decider>& deciders) {
  for (const Decider& decider : deciders) {
    const Value y = {decider.node, 0};
    if (!decider.pool) {
      step.output(decider.name, y);
      continue;
    }
    const Shape x = step.type(step.node(decider.node).inputs[0]).shape;
    const MaxPool2dGrad unpool = {
        decider.pool->window, decider.pool->stride, decider.pool->padding, {x[1], x[2]}};
    const Value passed = step.add(ReluGrad{}, {y, y}, decider.name + "/passed");
    step.output(decider.name,
                step.add(unpool, {passed, {decider.node, 1}}, decider.name + "/place"));
  }
}

DecidedNetwork with_decisions_given(const Graph& network) {
  DecidedNetwork result;
  const Readers readers(network);
  std::map<NodeId, Decider> deciders;
  for (const Decider& decider : deciders_of(network)) deciders[decider.node] = decider;
  result.graph = rewrite(
      network,
      [&](Graph& to, const Graph& from, NodeId id,
          const std::vector<Value>& in) -> std::vector<Value> {
        if (std::holds_alternative<Relu>(from.node(id).op) && pool_behind(from, readers, id))
          return {in[0]};
        const auto found = deciders.find(id);
        if (found == deciders.end()) return keep(to, from, id, in);
        const Decider& decider = found->second;
        result.decided_on[decider.name] = in[0];
        const ValueType type = to.type(in[0]);
        const Value taken = to.add(Input{type}, {}, decider.name);
        const Value y = to.add(Multiply{}, {in[0], taken}, from.node(id).name);
        if (!decider.pool) return {y};
        const auto [R, S] = decider.pool->window;
        const Value mean = to.add(AvgPool2d{{R, S}, {R, S}}, {y}, decider.name + "/mean");
        const Value sum =
            to.add(Scale{static_cast<double>(R * S), type.dtype}, {mean}, decider.name + "/sum");
        return {sum, sum};  // the second stands for the argmax, which no network reads
      });
  return result;
}

void DecisionReport::add(const DecisionReport& other) {
  decisions += other.decisions;
  near_ties += other.near_ties;
  widest = std::max(widest, other.widest);
  faults += other.faults;
  for (const std::string& place : other.places)
    if (places.size() < kPlacesShown) places.push_back(place);
}

DecisionReport compare_decisions(const Decider& decider, const Tensor& taken, const Tensor& x) {
  DecisionReport report;
  const std::vector<double> all_taken = to_doubles(taken);
  const std::vector<double> values = to_doubles(x);
  const double unit = root_mean_square(values);
  for_each_choice(x.shape, decider.pool, [&](const std::vector<std::size_t>& elements) {
    const Choice choice(elements, all_taken, values);
    ++report.decisions;
    if (choice.count <= 1 && choice.taken == choice.right) return;
    const double gap = choice.best - choice.value;
    if (choice.count <= 1 && gap <= kNearTie * unit) {
      ++report.near_ties;
      report.widest = std::max(report.widest, unit > 0 ? gap / unit : 0);
      return;
    }
    ++report.faults;
    if (report.places.size() >= kPlacesShown) return;
    std::ostringstream text;
    const std::size_t shown = choice.taken ? *choice.taken : choice.right.value_or(elements[0]);
    text << decider.name << " at " << place_of(x.shape, shown) << ": took " << choice.count
         << " element(s) of value " << choice.value << " where the largest, at least 0, is "
         << choice.best << "; root mean square " << unit;
    report.places.push_back(text.str());
  });
  return report;
}

DecisionReport compare_decisions(const std::vector<Decider>& deciders, const NamedTensors& taken,
                                 const NamedTensors& decided_on) {
  DecisionReport report;
  for (const Decider& decider : deciders)
    report.add(compare_decisions(decider, taken.at(decider.name), decided_on.at(decider.name)));
  return report;
}

}  // namespace evenkeel::test
