// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/nonfinite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/strip.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {
namespace {

template <typename T>
std::span<const T> as(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

template <typename T>
std::optional<std::size_t> first_bad(std::span<const T> values) {
  const auto found =
      std::find_if(values.begin(), values.end(), [](T value) { return !std::isfinite(value); });
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

// Where a value is not finite, and what it is.
struct NonfinitePlace {
  std::size_t index;
  double value;
};
std::optional<NonfinitePlace> first_bad(std::span<const std::byte> bytes, DType dtype) {
  if (dtype == DType::f32) {
    if (const auto at = first_bad(as<float>(bytes)))
      return NonfinitePlace{*at, as<float>(bytes)[*at]};
  } else if (dtype == DType::f64) {
    if (const auto at = first_bad(as<double>(bytes)))
      return NonfinitePlace{*at, as<double>(bytes)[*at]};
  }
  return std::nullopt;
}

// "from -3 to 2e+25": of one channel of x, [.., C].
template <typename T>
std::string range_of(std::span<const T> x, std::size_t channel, std::size_t channels) {
  T least = x[channel];
  T largest = x[channel];
  for (std::size_t i = channel; i < x.size(); i += channels) {
    least = std::min(least, x[i]);
    largest = std::max(largest, x[i]);
  }
  return fmt::format("from {:.6g} to {:.6g}", least, largest);
}

// Nodes whose outputs are the statistics of a batch norm's channels.
bool is_statistics(const Op& op) {
  return std::holds_alternative<ChannelMoments>(op) || std::holds_alternative<MergeMoments>(op) ||
         std::holds_alternative<MergeSampleMoments>(op) ||
         std::holds_alternative<GroupMoments>(op) || std::holds_alternative<UpdateMoving>(op);
}

// Every value of a forward pass that trains nothing.
class FiniteProbe {
 public:
  FiniteProbe(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
              Labels labels, Executor& failed)
      : graph_(without_effects(add_evaluation(to_training(network), loss, labels))),
        executor_(plan(failed.plan().batch, machine), state) {
    for (const PlanPort& port : executor_.plan().inputs) {
      const auto source = failed.input(port.name);
      std::memcpy(executor_.input(port.name).data(), source.data(), source.size());
    }
    executor_.run();
  }

  std::optional<NonFinite> first() const {
    for (NodeId id = 0; id < graph_.nodes().size(); ++id) {
      const Node& node = graph_.node(id);
      if (!is_computed(node.op)) continue;
      for (std::uint32_t k = 0; k < node.outputs.size(); ++k)
        if (const auto bad = first_bad(executor_.output(name({id, k})), node.outputs[k].dtype))
          return NonFinite{std::string(layer_of(node.name)), text(node, k, *bad)};
    }
    return std::nullopt;
  }

 private:
  static bool is_computed(const Op& op) {
    return !std::holds_alternative<State>(op) && !std::holds_alternative<Input>(op);
  }
  static std::string name(Value value) {
    return "probe/" + std::to_string(value.node) + "/" + std::to_string(value.output);
  }
  std::shared_ptr<const Plan> plan(std::int64_t batch, const Machine& machine) {
    const std::size_t nodes = graph_.nodes().size();
    for (NodeId id = 0; id < nodes; ++id)
      for (std::uint32_t k = 0; k < graph_.node(id).outputs.size(); ++k)
        if (is_computed(graph_.node(id).op)) graph_.output(name({id, k}), {id, k});
    return compile_graph(graph_, Level::inference, {batch, machine, {}});
  }

  std::string text(const Node& node, std::uint32_t output, const NonfinitePlace& bad) const {
    const auto channels = static_cast<std::size_t>(
        node.outputs[output].shape.rank() > 0 ? node.outputs[output].shape.back() : 1);
    const std::size_t channel = bad.index % channels;
    if (is_statistics(node.op))
      return fmt::format("channel {} of its input has statistics that are not finite ({}){}",
                         channel, bad.value, values_of(layer_of(node.name), channel));
    return fmt::format("its output has {} in channel {}", bad.value, channel);
  }

  // The values of a channel that `layer` takes statistics of.
  std::string values_of(std::string_view layer, std::size_t channel) const {
    for (const Node& node : graph_.nodes()) {
      if (!std::holds_alternative<ChannelMoments>(node.op) || layer_of(node.name) != layer)
        continue;
      const Value x = node.inputs[0];
      if (!is_computed(graph_.node(x).op)) continue;
      const auto channels = static_cast<std::size_t>(graph_.type(x).shape.back());
      const auto bytes = executor_.output(name(x));
      return ", with values " + (graph_.type(x).dtype == DType::f64
                                     ? range_of(as<double>(bytes), channel, channels)
                                     : range_of(as<float>(bytes), channel, channels));
    }
    return "";
  }

  Graph graph_;
  Executor executor_;
};

}  // namespace

NonFinite first_nonfinite(const Graph& network, Loss loss, StateStore& state,
                          const Machine& machine, Labels labels, Executor& failed) {
  for (const Node& node : network.nodes()) {
    if (!std::holds_alternative<State>(node.op)) continue;
    if (const auto bad = first_bad(state.bytes(state.entry(node.name)), node.outputs[0].dtype))
      return {std::string(layer_of(node.name)),
              fmt::format("'{}' has {} at {}", node.name, bad->value, bad->index)};
  }
  const auto found = FiniteProbe(network, loss, state, machine, labels, failed).first();
  return found ? *found : NonFinite{"loss", "every layer's output is finite, the loss is not"};
}

}  // namespace evenkeel
