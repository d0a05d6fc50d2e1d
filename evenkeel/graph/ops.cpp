// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops.h"

#include <string>

namespace evenkeel::ops {

Value input(Graph& graph, std::string_view name, DType dtype, const Shape& shape) {
  return graph.add(Input{{dtype, shape}}, {}, name);
}

Value state(Graph& graph, std::string_view name, const State& attributes) {
  return graph.add(attributes, {}, name);
}

Value parameter(Graph& graph, std::string_view name, const Shape& shape, Initializer initializer,
                DType dtype, Role role) {
  return graph.add(State{{dtype, shape}, role, initializer}, {}, name);
}

Value conv2d(Graph& graph, Value x, Value kernel, const Conv2d& attributes, std::string_view name) {
  return graph.add(attributes, {x, kernel}, name);
}

Value bias_add(Graph& graph, Value x, Value bias, std::string_view name) {
  return graph.add(BiasAdd{}, {x, bias}, name);
}

Value relu(Graph& graph, Value x, std::string_view name) { return graph.add(Relu{}, {x}, name); }

Value max_pool2d(Graph& graph, Value x, const MaxPool2d& attributes, std::string_view name) {
  return graph.add(attributes, {x}, name);
}

Value matmul(Graph& graph, Value a, Value b, const MatMul& attributes, std::string_view name) {
  return graph.add(attributes, {a, b}, name);
}

Value reshape(Graph& graph, Value x, const Shape& shape, std::string_view name) {
  return graph.add(Reshape{shape}, {x}, name);
}

Value transpose(Graph& graph, Value x, const std::vector<std::int64_t>& axes,
                std::string_view name) {
  return graph.add(Transpose{axes}, {x}, name);
}

Value scale(Graph& graph, Value x, double factor, DType dtype, std::string_view name) {
  return graph.add(Scale{factor, dtype}, {x}, name);
}

Value add(Graph& graph, Value a, Value b, std::string_view name) {
  return graph.add(Add{}, {a, b}, name);
}

Value mean(Graph& graph, Value x, std::string_view name) { return graph.add(Mean{}, {x}, name); }

Value avg_pool2d(Graph& graph, Value x, const AvgPool2d& attributes, std::string_view name) {
  return graph.add(attributes, {x}, name);
}

Value concat(Graph& graph, const std::vector<Value>& values, std::int64_t axis,
             std::string_view name) {
  return graph.add(Concat{axis}, values, name);
}

Value slice(Graph& graph, Value x, const Slice& attributes, std::string_view name) {
  return graph.add(attributes, {x}, name);
}

Value zero_pad(Graph& graph, Value x, const ZeroPad& attributes, std::string_view name) {
  return graph.add(attributes, {x}, name);
}

Value leaky_relu(Graph& graph, Value x, double slope, std::string_view name) {
  return graph.add(LeakyRelu{slope}, {x}, name);
}

Value relu6(Graph& graph, Value x, std::string_view name) { return graph.add(Relu6{}, {x}, name); }

Value sigmoid(Graph& graph, Value x, std::string_view name) {
  return graph.add(Sigmoid{}, {x}, name);
}

Value tanh(Graph& graph, Value x, std::string_view name) { return graph.add(Tanh{}, {x}, name); }

Value softmax(Graph& graph, Value x, std::string_view name) {
  return graph.add(Softmax{}, {x}, name);
}

Value dropout(Graph& graph, Value x, double rate, std::string_view name) {
  return graph.add(Dropout{rate}, {x}, name);
}

Value scale_axis(Graph& graph, Value x, Value by, std::int64_t axis, std::string_view name) {
  return graph.add(ScaleAxis{axis}, {x, by}, name);
}

Value multiply(Graph& graph, Value a, Value b, std::string_view name) {
  return graph.add(Multiply{}, {a, b}, name);
}

namespace {

// The first of layer, layer_2, layer_3, … that is the name neither of a node nor of a layer.
std::string free_layer(const Graph& graph, const std::string& layer) {
  std::string name = layer;
  for (int suffix = 2; graph.contains(name) || graph.contains(name + "/gamma"); ++suffix)
    name = layer + "_" + std::to_string(suffix);
  return name;
}

}  // namespace

Value batch_norm(Graph& graph, Value x, const BatchNorm& attributes, std::string_view layer,
                 std::optional<Value> weights) {
  graph.require_value("batch_norm", x);
  const ValueType type = graph.type(x);
  std::string wanted(layer.empty() ? BatchNorm::name : layer);
  if (!graph.prefix().empty()) wanted = graph.prefix() + "/" + wanted;
  const std::string name = free_layer(graph, wanted);
  if (type.shape.rank() < 2)
    throw InvalidArgument(name, "batch_norm: expected x of shape [..,C], got " + to_string(type));
  const GraphPrefix none(graph, "");
  const auto each = [&](const char* what, Role role, Initializer initializer) {
    const ValueType per_channel = {type.dtype, {type.shape.back()}};
    return graph.add(State{per_channel, role, initializer}, {}, name + "/" + what);
  };
  const Value gamma = each("gamma", Role::gamma, Initializer::ones);
  const Value beta = each("beta", Role::beta, Initializer::zeros);
  const Value moving_mean = each("moving_mean", Role::statistic, Initializer::zeros);
  const Value moving_variance = each("moving_variance", Role::statistic, Initializer::ones);
  const Value updates_seen =
      graph.add(State{{DType::i64, {}}, Role::statistic}, {}, "state/" + name + "/updates_seen");
  std::vector<Value> inputs = {x, gamma, beta, moving_mean, moving_variance, updates_seen};
  if (moves_deviation(attributes.batch)) {
    inputs.push_back(each("moving_deviation", Role::statistic, Initializer::ones));
    inputs.push_back(each("renorm_mean", Role::statistic, Initializer::zeros));
    inputs.push_back(each("renorm_deviation", Role::statistic, Initializer::ones));
  }
  if (weights) inputs.push_back(*weights);
  return graph.add(attributes, std::move(inputs), name);
}

Value group_norm(Graph& graph, Value x, Value gamma, Value beta, const GroupNorm& attributes,
                 std::string_view name) {
  return graph.add(attributes, {x, gamma, beta}, name);
}

Value layer_norm(Graph& graph, Value x, Value gamma, Value beta, const LayerNorm& attributes,
                 std::string_view name) {
  return graph.add(attributes, {x, gamma, beta}, name);
}

CrossEntropy softmax_cross_entropy(Graph& graph, Value logits, Value labels,
                                   std::string_view name) {
  const Value losses = graph.add(SoftmaxCrossEntropy{}, {logits, labels}, name);
  return {losses, {losses.node, 1}};
}

CrossEntropy sigmoid_cross_entropy(Graph& graph, Value logits, Value labels,
                                   std::string_view name) {
  const Value losses = graph.add(SigmoidCrossEntropy{}, {logits, labels}, name);
  return {losses, {losses.node, 1}};
}

CrossEntropy mean_squared_error(Graph& graph, Value predictions, Value labels,
                                std::string_view name) {
  const Value losses = graph.add(MeanSquaredError{}, {predictions, labels}, name);
  return {losses, {losses.node, 1}};
}

Value in_top_k(Graph& graph, Value logits, Value labels, std::int64_t k, std::string_view name) {
  return graph.add(InTopK{k}, {logits, labels}, name);
}

}  // namespace evenkeel::ops
