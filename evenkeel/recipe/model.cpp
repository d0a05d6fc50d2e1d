// SPDX-License-Identifier: Apache-2.0
// The network of a recipe.
#include <algorithm>

#include "evenkeel/base/error.h"
#include "evenkeel/compile/dead_code.h"
#include "evenkeel/data/channel_statistics.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/layers.h"

namespace evenkeel {
namespace {

// Each batch norm over the last axis without normalising: what is left of it is beta, a bias.
Model without_batch_norm(const Model& model) {
  const Graph plain = rewrite(model.graph(), [](Graph& to, const Graph& from, NodeId id,
                                                const std::vector<Value>& inputs) {
    const Node& node = from.node(id);
    if (!std::holds_alternative<BatchNorm>(node.op)) return keep(to, from, id, inputs);
    const std::string layer(layer_of(node.name));
    const ValueType type = {to.type(inputs[0]).dtype, {to.type(inputs[0]).shape.back()}};
    const Value bias = to.add(State{type, Role::bias, Initializer::zeros, 0}, {}, layer + "/bias");
    return std::vector<Value>{to.add(BiasAdd{}, {inputs[0], bias}, node.name)};
  });
  return Model(remove_dead_code(plain));
}

// Moving statistics by TensorFlow's plain rule.
Model by_plain_rule(const Model& model) {
  return Model(rewrite(
      model.graph(), [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& inputs) {
        const auto* batch_norm = std::get_if<BatchNorm>(&from.node(id).op);
        if (batch_norm == nullptr) return keep(to, from, id, inputs);
        BatchNorm plain = *batch_norm;
        plain.count_weighted = false;
        return std::vector<Value>{to.add(plain, inputs, from.node(id).name)};
      }));
}

ImageInput input_of(const Recipe& recipe, const Dataset& data) {
  const Shape& shape = data.image_shape();
  const ImageInput input = image(shape[0], shape[1], shape[2]).scale(1 / 255.0);
  return recipe.normalise ? normalised(input, data) : input;
}

Model named_network(const Recipe& recipe, const ImageInput* input, std::int64_t classes) {
  const NetworkSize size = {recipe.width, recipe.depth};
  return input == nullptr ? network(recipe.model, size)
                          : network(recipe.model, *input, classes, size);
}

}  // namespace

Model model_of(const Recipe& recipe, const Dataset* data) {
  std::optional<ImageInput> input;
  if (data != nullptr) input = input_of(recipe, *data);
  const std::int64_t classes = data == nullptr ? 10 : data->classes();
  Model model = [&] {
    if (recipe.layers.empty()) {
      Model named = named_network(recipe, input ? &*input : nullptr, classes);
      return recipe.batch_norm ? named : without_batch_norm(named);
    }
    if (recipe.depth != 0)
      throw InvalidArgument("model.depth", "expected none beside model.layers");
    return model_of_layers(recipe.model, recipe.layers,
                           input.value_or(image(28, 28, 1).scale(1 / 255.0)), classes, recipe.width,
                           recipe.batch_norm);
  }();
  if (recipe.statistics_rule == "tensorflow") model = by_plain_rule(model);
  for (const std::string& pattern : recipe.freeze) model = freeze(model, pattern);
  return model;
}

}  // namespace evenkeel
