// SPDX-License-Identifier: Apache-2.0
// Layers one after the other.
//   Sequential("tiny", image(28, 28, 1).scale(1 / 255.0)).conv2d(8, 3).flatten().dense(10).build()
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "evenkeel/model/layers.h"
#include "evenkeel/model/model.h"

namespace evenkeel {

// Each call adds a layer of evenkeel/model/layers.h; InvalidArgument names the layer that does not
// fit.
class EVENKEEL_API Sequential {
 public:
  Sequential(std::string name, const ImageInput& input);
  ~Sequential();
  Sequential(Sequential&&) noexcept;

  // Any layer, or a function (Scope&, Value) -> Value: a layer of one's own.
  Sequential& add(const Layer& layer);
  Sequential& add(std::function<Value(Scope&, Value)> function, std::string name = {});

  Sequential& conv2d(std::int64_t filters, Size2 kernel, const Conv2dOptions& options = {});
  Sequential& depthwise_conv2d(Size2 kernel, const DepthwiseConv2dOptions& options = {});
  Sequential& max_pool2d(Size2 window, const MaxPool2dOptions& options = {});
  Sequential& avg_pool2d(Size2 window, const AvgPool2dOptions& options = {});
  Sequential& global_max_pool2d();
  Sequential& global_avg_pool2d();
  Sequential& flatten();
  Sequential& reshape(std::vector<std::int64_t> each_sample);
  Sequential& batch_norm(const BatchNormOptions& options = {});
  template <std::same_as<Preset> P>
  Sequential& batch_norm(P preset, std::string name = {}) {
    return add(layers::batch_norm(preset, std::move(name)));
  }
  Sequential& layer_norm(const LayerNormOptions& options = {});
  Sequential& group_norm(std::int64_t groups, const GroupNormOptions& options = {});
  Sequential& instance_norm(const GroupNormOptions& options = {});
  Sequential& dense(std::int64_t units, const DenseOptions& options = {});
  Sequential& dropout(double rate);
  Sequential& relu();
  Sequential& leaky_relu(double slope = 0.01);
  Sequential& relu6();
  Sequential& sigmoid();
  Sequential& tanh();
  Sequential& softmax();
  // The last layer must give [N, classes].
  Model build() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
