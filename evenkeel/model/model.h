// SPDX-License-Identifier: Apache-2.0
// A network as a person describes it, and the graph that it stands for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/graph/value.h"

namespace evenkeel {

class Graph;

struct LayerInfo {
  std::string name;  // "conv1"; its nodes and tensors are named "conv1/…"
  std::string kind;  // "conv2d", told by its main op
  ValueType output;
};

// The finished network: a mode-less graph with input "images" and output "logits". Cheap to copy.
class EVENKEEL_API Model {
 public:
  // InvalidArgument unless it has an input "images" u8[N,H,W,C] and an output "logits" [N,K].
  explicit Model(Graph graph);
  const std::string& name() const;
  const Graph& graph() const;
  const std::vector<LayerInfo>& layers() const;
  // Of one image: [H,W,C]; how many classes the logits have.
  Shape image_shape() const;
  std::int64_t classes() const;

 private:
  struct Parts;
  std::shared_ptr<const Parts> parts_;
};

}  // namespace evenkeel
