// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/scope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/model/layer_definition.h"
#include "evenkeel/model/model.h"

namespace evenkeel {
namespace {

// Names of what is beside the layers in a training or inference graph.
constexpr std::array<std::string_view, 15> kTaken = {
    "state",         "images",        "scale",     "normalise", "labels",
    "step",          "learning_rate", "loss",      "losses",    "correct",
    "probabilities", "seed",          "gradients", "samples",   kSampleWeights};

void require_valid(const ImageInput& input) {
  if (input.height < 1 || input.width < 1 || input.channels < 1)
    throw InvalidArgument("image", "expected a positive height, width and number of channels");
  const auto channels = static_cast<std::size_t>(input.channels);
  if (input.mean.empty() && input.deviation.empty()) return;
  if (input.mean.size() != channels || input.deviation.size() != channels)
    throw InvalidArgument("normalise", "expected a mean and a deviation for each of " +
                                           std::to_string(channels) + " channel(s), got " +
                                           std::to_string(input.mean.size()) + " and " +
                                           std::to_string(input.deviation.size()));
  constexpr double kLargest = std::numeric_limits<float>::max();
  for (std::size_t c = 0; c < channels; ++c)
    if (!(std::abs(input.mean[c]) <= kLargest) || !(input.deviation[c] >= 1 / kLargest) ||
        !(input.deviation[c] <= kLargest))
      throw InvalidArgument("normalise", "expected a finite mean and a deviation above 0, got " +
                                             std::to_string(input.mean[c]) + " and " +
                                             std::to_string(input.deviation[c]) + " for channel " +
                                             std::to_string(c) +
                                             "; give a channel without any deviation a 1");
}

// [C]: a constant holds one value, so that different ones are put one behind the other.
Value per_channel(Graph& graph, const std::vector<double>& values, const std::string& name) {
  const auto C = static_cast<std::int64_t>(values.size());
  if (std::count(values.begin(), values.end(), values[0]) == C)
    return graph.add(Constant{{DType::f32, {C}}, values[0]}, {}, name);
  std::vector<Value> parts;
  parts.reserve(values.size());
  for (const double value : values)
    parts.push_back(graph.add(Constant{{DType::f32, {1}}, value}, {},
                              name + "/" + std::to_string(parts.size())));
  return graph.add(Concat{0}, parts, name);
}

// (x - mean) / deviation of each channel: what batch norm does in inference.
Value normalised(Graph& graph, Value x, const ImageInput& input) {
  std::vector<double> factors;
  factors.reserve(input.deviation.size());
  for (const double deviation : input.deviation) factors.push_back(1 / deviation);
  const Value mean = per_channel(graph, input.mean, "normalise/mean");
  const Value factor = per_channel(graph, factors, "normalise/factor");
  const std::vector<double> zeros(input.mean.size());
  const Value zero = per_channel(graph, zeros, "normalise/zero");
  return graph.add(ChannelAffine{}, {x, mean, factor, zero}, "normalise");
}

}  // namespace

struct Scope::Impl {
  explicit Impl(std::string name) : graph(std::move(name)) {}

  // The call that is under way; the outermost is the network itself.
  struct Frame {
    std::string layer;
    bool shared = false;
    std::map<std::string, int> counts = {};  // of the layers called in it, by kind
  };

  Graph graph;
  Value images;
  std::vector<Frame> frames = {{}};
  std::set<std::string> names;
  // Kept alive, so that no other layer gets the address of one that was called.
  std::map<std::shared_ptr<const Layer::Definition>, std::string> called;
};

Scope::Scope(std::string name, const ImageInput& input)
    : impl_(std::make_unique<Impl>(std::move(name))) {
  require_valid(input);
  const Value bytes = impl_->graph.add(
      Input{{DType::u8, Shape{kBatch, input.height, input.width, input.channels}}}, {}, "images");
  impl_->images = impl_->graph.add(Scale{input.factor, DType::f32}, {bytes}, "scale");
  if (!input.mean.empty()) impl_->images = normalised(impl_->graph, impl_->images, input);
}
Scope::~Scope() = default;
Scope::Scope(Scope&&) noexcept = default;
Scope& Scope::operator=(Scope&&) noexcept = default;

Value Scope::images() const { return impl_->images; }

Value Scope::sample_weights() {
  Graph& graph = impl_->graph;
  if (graph.contains(kSampleWeights)) return {graph.find(kSampleWeights), 0};
  const GraphPrefix none(graph, "");
  return graph.add(Input{{DType::f32, {kBatch}}}, {}, kSampleWeights);
}

const ValueType& Scope::type(Value value) const {
  impl_->graph.require_value(layer().empty() ? "scope" : layer(), value);
  return impl_->graph.type(value);
}

Graph& Scope::graph() { return impl_->graph; }
const std::string& Scope::layer() const { return impl_->frames.back().layer; }
bool Scope::shared() const { return impl_->frames.back().shared; }

void Scope::require(bool condition, const std::string& text) const {
  if (!condition) throw InvalidArgument(layer(), text);
}

Value Scope::parameter(std::string_view name, const Shape& shape, const InitialValue& initial,
                       Role role) {
  Graph& graph = impl_->graph;
  const std::string full = layer() + "/" + std::string(name);
  if (shared() && graph.contains(full)) {
    const Value before = {graph.find(full), 0};
    require(graph.type(before).shape == shape,
            "its " + std::string(name) + " is shared and " + to_string(graph.type(before).shape) +
                " from its first call, this call needs " + to_string(shape) +
                "; give it a value of the same shape, or make a second layer");
    return before;
  }
  const bool draws = initial.initializer == Initializer::truncated_normal;
  if (draws || initial.initializer == Initializer::constant)
    require(std::isfinite(initial.value) && (!draws || initial.value > 0),
            std::string(name) + ": expected a finite " +
                (draws ? "deviation above 0" : "constant") + " to begin with, got " +
                std::to_string(initial.value));
  const State state{{DType::f32, shape}, role, initial.initializer, initial.value};
  const GraphPrefix none(graph, "");
  return graph.add(state, {}, full);
}

std::string Scope::node_name(std::string_view suffix) const {
  if (suffix.empty()) return layer();
  return layer() + (layer().empty() ? "" : "/") + std::string(suffix);
}

Model Scope::build(Value logits) const {
  const Shape& shape = type(logits).shape;
  if (shape.rank() != 2)
    throw InvalidArgument("build", "expected a last layer that gives [N, classes], got " +
                                       to_string(shape) + "; end with dense(classes)");
  Graph result = impl_->graph;
  result.output("logits", logits);
  return Model(std::move(result));
}

// One call of a layer; what it added to the network is taken back unless it was done.
struct Layer::Call {
  Call(Scope& scope, const Layer& layer)
      : impl_(*scope.impl_),
        nodes_(impl_.graph.nodes().size()),
        counts_(impl_.frames.back().counts),
        definition_(layer.definition_) {
    const auto found = impl_.called.find(definition_);
    again_ = found != impl_.called.end();
    const std::string name = again_ ? found->second : new_name(*definition_);
    const bool shared = again_ || impl_.frames.back().shared;
    impl_.frames.push_back({name, shared, {}});
    if (!again_) impl_.called.emplace(definition_, name);
  }
  ~Call() {
    const std::string name = std::move(impl_.frames.back().layer);
    impl_.frames.pop_back();
    if (!done_) take_back(name);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  void done() { done_ = true; }

 private:
  // In a shared layer's later calls, the layers within it get the names of its first.
  std::string new_name(const Definition& definition) {
    Scope::Impl::Frame& outer = impl_.frames.back();
    const std::string prefix = outer.layer.empty() ? "" : outer.layer + "/";
    std::string name = definition.name;
    const auto refuse = [&](const std::string& text) { throw InvalidArgument(name, text); };
    if (name.empty()) {
      do name = definition.kind + std::to_string(++outer.counts[definition.kind]);
      while (!outer.shared && impl_.names.count(prefix + name) > 0);
    }
    if (name.find('/') != std::string::npos) refuse("expected a layer name without '/'");
    if (prefix.empty() && std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end())
      refuse("expected another layer name: this one is taken by what training adds");
    if (!impl_.names.insert(prefix + name).second && !outer.shared)
      refuse("expected a name that no other layer has");
    return prefix + name;
  }

  // The layer and those within it, so that it may be called again. A second call has the names of
  // its first.
  void take_back(const std::string& name) {
    impl_.graph.truncate(static_cast<NodeId>(nodes_));
    impl_.frames.back().counts = counts_;
    if (again_) return;
    impl_.called.erase(definition_);
    impl_.names.erase(name);
    const std::string within = name + "/";
    const auto begins = [&](const std::string& other) { return other.rfind(within, 0) == 0; };
    for (auto it = impl_.names.begin(); it != impl_.names.end();)
      it = begins(*it) ? impl_.names.erase(it) : std::next(it);
    for (auto it = impl_.called.begin(); it != impl_.called.end();)
      it = begins(it->second) ? impl_.called.erase(it) : std::next(it);
  }

  Scope::Impl& impl_;
  std::size_t nodes_;
  std::map<std::string, int> counts_;
  std::shared_ptr<const Definition> definition_;
  bool again_ = false;
  bool done_ = false;
};

Layer::Layer(std::string kind, std::string name, Function function, std::size_t inputs)
    : definition_(std::make_shared<const Definition>(
          Definition{std::move(kind), std::move(name), std::move(function), inputs, false})) {}

Layer::Layer(std::function<Value(Scope&, Value)> function, std::string name)
    : definition_(std::make_shared<const Definition>(Definition{
          "layer", std::move(name),
          [function = std::move(function)](Scope& scope, const std::vector<Value>& values) {
            return function(scope, values[0]);
          },
          1, true})) {}

Layer::Layer(Function function, std::size_t inputs, std::string name)
    : definition_(std::make_shared<const Definition>(
          Definition{"layer", std::move(name), std::move(function), inputs, true})) {}

Value Layer::call(Scope& scope, const std::vector<Value>& values) const {
  Call call(scope, *this);
  const std::size_t wanted = definition_->inputs;
  scope.require(wanted == 0 ? !values.empty() : values.size() == wanted,
                "expected " +
                    (wanted == 0 ? "at least one value" : std::to_string(wanted) + " value(s)") +
                    ", got " + std::to_string(values.size()));
  for (const Value value : values) scope.type(value);  // of this scope's graph?
  const GraphPrefix prefix(scope.graph(), definition_->by_hand ? scope.layer() : "");
  const Value result = definition_->function(scope, values);
  call.done();
  return result;
}

}  // namespace evenkeel
