// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/model.h"

#include <algorithm>

#include "evenkeel/graph/verify.h"

namespace evenkeel {

struct Model::Parts {
  Graph graph;
  std::vector<LayerInfo> layers;
};

namespace {

// The op that a layer is named for; the ops beside it (bias, activation) come with it.
std::string_view kind_of(const Node& node) {
  const Op& op = node.op;
  if (const auto* norm = std::get_if<GroupNorm>(&op))
    if (norm->groups > 1 && norm->groups == node.outputs[0].shape.back()) return "instance_norm";
  if (std::holds_alternative<MatMul>(op)) return "dense";
  if (std::holds_alternative<ChannelAffine>(op)) return "normalise";
  if (std::holds_alternative<Reshape>(op)) return "flatten";
  if (std::holds_alternative<BiasAdd>(op)) return "";
  return name_of(op);
}

std::vector<LayerInfo> layers_of(const Graph& graph) {
  std::vector<LayerInfo> layers;
  for (const Node& node : graph.nodes()) {
    if (node.inputs.empty()) continue;  // states, inputs, constants
    const std::string name(layer_of(node.name));
    const auto found = std::find_if(layers.begin(), layers.end(),
                                    [&](const LayerInfo& layer) { return layer.name == name; });
    if (found == layers.end()) {
      layers.push_back({name, std::string(kind_of(node)), node.outputs[0]});
      continue;
    }
    found->output = node.outputs[0];
    // Other axes than the last: transposes and reshapes stand around it. What a channel affine
    // takes is put together before it.
    if (node.name == name && (std::holds_alternative<BatchNorm>(node.op) ||
                              std::holds_alternative<ChannelAffine>(node.op)))
      found->kind = kind_of(node);
  }
  return layers;
}

// What trainer and predictor fill and read.
void require_images_and_logits(const Graph& graph) {
  const Node& images = graph.node(graph.find("images"));
  const ValueType& type = images.outputs[0];
  if (!std::holds_alternative<Input>(images.op) || type.dtype != DType::u8 ||
      type.shape.rank() != 4 || type.shape[0] != kBatch)
    throw InvalidArgument(graph.name(),
                          "expected an input 'images' u8[N,H,W,C], got " + to_string(type));
  const ValueType& logits = graph.type(graph.find_output("logits"));
  if (logits.shape.rank() != 2 || logits.shape[0] != kBatch)
    throw InvalidArgument(graph.name(),
                          "expected an output 'logits' [N,K], got " + to_string(logits));
}

}  // namespace

Model::Model(Graph graph) {
  verify(graph, Level::model);
  require_images_and_logits(graph);
  Parts parts{std::move(graph), {}};
  parts.layers = layers_of(parts.graph);
  parts_ = std::make_shared<const Parts>(std::move(parts));
}

const std::string& Model::name() const { return parts_->graph.name(); }
const Graph& Model::graph() const { return parts_->graph; }
const std::vector<LayerInfo>& Model::layers() const { return parts_->layers; }

Shape Model::image_shape() const {
  const Shape& shape = graph().node(graph().find("images")).outputs[0].shape;
  return Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end()));
}

std::int64_t Model::classes() const {
  return graph().type(graph().find_output("logits")).shape.back();
}

}  // namespace evenkeel
