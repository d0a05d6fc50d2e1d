// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/verify.h"

#include <algorithm>
#include <set>

namespace evenkeel {
namespace {

class Verifier {
 public:
  Verifier(const Graph& graph, Level level) : graph_(graph), level_(level) {}

  void run() const {
    std::set<std::string_view> names;
    for (NodeId id = 0; id < graph_.nodes().size(); ++id) {
      const Node& node = graph_.node(id);
      if (!names.insert(node.name).second) fail(node.name, "expected unique names, got a second");
      check_inputs(id);
      check_types(node);
      check_mode(node);
      if (level_ == Level::training && std::holds_alternative<BatchNormApply>(node.op))
        check_statistics(node);
    }
    check_ends();
  }

 private:
  [[noreturn]] void fail(const std::string& where, const std::string& what) const {
    if (level_ == Level::model) throw InvalidArgument(where, what);
    throw RuntimeFailure(where, what);
  }

  void require_value(const std::string& where, Value value, NodeId end) const {
    if (value.node >= end || value.output >= graph_.node(value).outputs.size())
      fail(where, "expected a value of an earlier node, got output " +
                      std::to_string(value.output) + " of node " + std::to_string(value.node));
  }

  void check_inputs(NodeId id) const {
    for (const Value input : graph_.node(id).inputs) require_value(graph_.node(id).name, input, id);
  }

  void check_types(const Node& node) const {
    Types inputs;
    for (const Value input : node.inputs) inputs.push_back(graph_.type(input));
    const ShapeScope scope(node.name, name_of(node.op), inputs);
    Types inferred;
    try {
      inferred = std::visit([&](const auto& op) { return op.infer(scope); }, node.op);
    } catch (const InvalidArgument& error) {
      const std::string text = error.what();  // "[node] op: ..."
      fail(node.name, text.substr(text.find("] ") + 2));
    }
    const bool same =
        std::equal(inferred.begin(), inferred.end(), node.outputs.begin(), node.outputs.end(),
                   [&](const auto& rule, const auto& type) { return fits(type, rule, node.op); });
    if (!same) fail(node.name, "expected the types that follow from its inputs, got others");
  }

  void check_mode(const Node& node) const {
    const bool modeless =
        std::holds_alternative<BatchNorm>(node.op) || std::holds_alternative<Dropout>(node.op);
    if (level_ != Level::model && modeless)
      fail(node.name,
           "expected only ops with a mode in a step, got " + std::string(name_of(node.op)));
  }

  bool updated(Value state) const {
    return std::any_of(graph_.updates().begin(), graph_.updates().end(),
                       [&](const Update& update) { return update.state == state.node; });
  }
  bool updated(Value state, Value value) const {
    return std::any_of(graph_.updates().begin(), graph_.updates().end(), [&](const Update& update) {
      return update.state == state.node && update.value == value;
    });
  }

  // Inputs [first, first + 3) are the moments that node `of` gives.
  static bool reads_moments(const Node& node, std::size_t first, NodeId of) {
    return node.inputs[first] == Value{of, 0} && node.inputs[first + 1] == Value{of, 1} &&
           node.inputs[first + 2] == Value{of, 2};
  }

  // Are moments `a`, which statistics are updated by, of the same values as `b`, which normalise?
  bool same_values(NodeId a, NodeId b) const {
    if (a == b) return true;
    if (!std::holds_alternative<GroupMoments>(graph_.node(b).op)) return false;
    const Node& all = graph_.node(a);
    if (std::holds_alternative<MeanMoments>(all.op)) return reads_moments(all, 0, b);
    return std::holds_alternative<MergeSampleMoments>(all.op) &&
           all.inputs == graph_.node(b).inputs;
  }

  // True where this node writes the moving statistics of the moments `of`.
  bool updates_statistics(NodeId id, NodeId of) const {
    const Node& node = graph_.node(id);
    if (!std::holds_alternative<UpdateMoving>(node.op)) return false;
    const NodeId moments = node.inputs[3].node;
    return same_values(moments, of) && reads_moments(node, 3, moments) &&
           updated(node.inputs[0], {id, 0}) && updated(node.inputs[1], {id, 1}) &&
           updated(node.inputs[2]);
  }

  // True where this node is a moving average that its state takes, and counted.
  bool averages(NodeId id) const {
    const Node& node = graph_.node(id);
    return std::holds_alternative<MovingAverage>(node.op) && updated(node.inputs[0], {id, 0}) &&
           updated(node.inputs[1]);
  }

  // True where this node is the deviation of the moments `of`.
  bool is_deviation(const Node& node, NodeId of) const {
    if (!std::holds_alternative<Deviation>(node.op)) return false;
    const Node& variance = graph_.node(node.inputs[0]);
    return std::holds_alternative<ChannelVariance>(variance.op) && reads_moments(variance, 0, of);
  }

  // True where a state other than `average`'s own is written with what comes of it.
  bool leads_to_another_update(NodeId average) const {
    std::set<NodeId> reached = {average};
    for (NodeId id = average + 1; id < graph_.nodes().size(); ++id)
      for (const Value input : graph_.node(id).inputs)
        if (reached.count(input.node) > 0) reached.insert(id);
    return std::any_of(graph_.updates().begin(), graph_.updates().end(), [&](const Update& update) {
      return update.value.node != average && reached.count(update.value.node) > 0;
    });
  }

  // Of moments `of`, averages of mean and deviation in pairs, of one of which a variance is made.
  bool deviation_is_averaged(NodeId of) const {
    int means = 0;
    int deviations = 0;
    bool variance = false;
    for (NodeId id = 0; id < graph_.nodes().size(); ++id) {
      if (!averages(id)) continue;
      const Value value = graph_.node(id).inputs[2];
      if (value == Value{of, 1}) ++means;
      if (!is_deviation(graph_.node(value), of)) continue;
      ++deviations;
      variance = variance || leads_to_another_update(id);
    }
    return means > 0 && means == deviations && variance;
  }

  // A batch norm that trains must learn what it will predict with.
  void check_statistics(const Node& apply) const {
    const NodeId moments = apply.inputs[1].node;
    const Op& source = graph_.node(moments).op;
    if (!reads_moments(apply, 1, moments) || !(std::holds_alternative<ChannelMoments>(source) ||
                                               std::holds_alternative<MergeMoments>(source) ||
                                               std::holds_alternative<MergeSampleMoments>(source) ||
                                               std::holds_alternative<GroupMoments>(source)))
      fail(apply.name, "expected count, mean and M2 of channel_moments or merge_moments, got " +
                           std::string(name_of(source)));
    for (NodeId id = 0; id < graph_.nodes().size(); ++id)
      if (updates_statistics(id, moments)) return;
    if (deviation_is_averaged(moments)) return;
    fail(apply.name,
         "expected an update_moving of its moments that updates the moving mean, the moving "
         "variance and updates_seen, got none: it would predict with what it never learned");
  }

  void check_ends() const {
    const auto end = static_cast<NodeId>(graph_.nodes().size());
    if (level_ != Level::training && !graph_.updates().empty())
      fail(graph_.node(graph_.updates()[0].state).name,
           "expected no update outside of a training step, got one");
    for (const Value value : graph_.guards()) {
      require_value("guard", value, end);
      const DType dtype = graph_.type(value).dtype;
      if (dtype != DType::f32 && dtype != DType::f64)
        fail(graph_.node(value).name,
             "expected a guarded value of dtype f32 or f64, got " + to_string(graph_.type(value)));
    }
    for (const Value value : graph_.checks_after()) {
      require_value("check", value, end);
      if (graph_.type(value).dtype != DType::i32)
        fail(graph_.node(value).name,
             "expected a checked value of dtype i32, got " + to_string(graph_.type(value)));
    }
    for (const Output& output : graph_.outputs()) require_value(output.name, output.value, end);
  }

  const Graph& graph_;
  Level level_;
};

}  // namespace

void verify(const Graph& graph, Level level) { Verifier(graph, level).run(); }

}  // namespace evenkeel
