// SPDX-License-Identifier: Apache-2.0
// Where a network is built in functional form: values flow from layer to layer as the program says,
// so they may branch and join.
//   Scope s("two-paths", image(32, 32, 3).scale(1 / 255.0));
//   const Value x = layers::conv2d(16, 3, {.padding = Padding::same})(s, s.images());
//   const Value y = layers::add()(s, x, layers::conv2d(16, 1)(s, x));
//   Model model = s.build(layers::dense(10)(s, layers::global_avg_pool2d()(s, y)));
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/graph/value.h"
#include "evenkeel/model/options.h"

namespace evenkeel {

class Graph;
class Layer;
class Model;

class EVENKEEL_API Scope {
 public:
  // InvalidArgument unless height, width and channels are positive.
  Scope(std::string name, const ImageInput& input);
  ~Scope();
  Scope(Scope&&) noexcept;
  Scope& operator=(Scope&&) noexcept;

  // The images as the network sees them, scaled and normalised: f32[N,H,W,C].
  Value images() const;
  // A weight for each sample, f32[N], to be given to batch norm: Dataset::with_sample_weights has
  // them. Always the same value.
  Value sample_weights();
  const ValueType& type(Value value) const;
  const Shape& shape(Value value) const { return type(value).shape; }
  // For ops beyond the layers there are (evenkeel/graph.h): inside a layer's function, what is
  // added gets names that begin with the layer's.
  Graph& graph();

  // Inside a layer's function: its name, and a trained tensor of its own, "<layer>/<name>". A layer
  // called a second time gets the tensors of its first call: its weights are shared.
  const std::string& layer() const;
  Value parameter(std::string_view name, const Shape& shape,
                  const InitialValue& initial = Initializer::glorot_uniform,
                  Role role = Role::parameter);
  // "<layer>/<suffix>", or "<layer>" for an empty suffix: the name of a node.
  std::string node_name(std::string_view suffix = {}) const;
  // True in a layer's second and later calls.
  bool shared() const;
  // InvalidArgument "[<layer>] <text>" unless the condition holds.
  void require(bool condition, const std::string& text) const;

  // The network whose output is `logits` [N,K].
  Model build(Value logits) const;

 private:
  friend class Layer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
