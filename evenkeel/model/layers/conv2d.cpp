// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/activations.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/window.h"

namespace evenkeel::layers {
namespace {

void require_groups(const Scope& scope, std::int64_t groups, std::int64_t C, std::int64_t K) {
  scope.require(K > 0, "expected at least 1 filter, got " + std::to_string(K));
  scope.require(groups > 0 && C % groups == 0 && K % groups == 0,
                "expected groups that divide its " + std::to_string(C) + " input channels and " +
                    std::to_string(K) + " filters, got " + std::to_string(groups));
}

Value convolve(Scope& scope, Value x, std::int64_t filters, const Size2& kernel,
               const Conv2dOptions& options) {
  require_image(scope, x, "a convolution");
  const Shape image = scope.shape(x);
  require_groups(scope, options.groups, image[3], filters);
  const Pair dilation = pair_of(options.dilation);
  scope.require(dilation[0] > 0 && dilation[1] > 0, "expected a dilation of at least 1");
  const Pair stride = pair_of(options.stride);
  const Pair window = {(kernel.height - 1) * dilation[0] + 1, (kernel.width - 1) * dilation[1] + 1};
  const Padding4 padding = padding_for(options.padding, image, window, stride);
  require_window(scope, image, window, stride, padding);

  const Shape shape = {kernel.height, kernel.width, image[3] / options.groups, filters};
  const Value W = scope.parameter("kernel", shape, options.kernel);
  Value y = add_node(scope, Conv2d{stride, padding, dilation, options.groups}, {x, W}, "conv2d");
  if (options.bias) {
    const Value b = scope.parameter("bias", {filters}, options.bias_value, Role::bias);
    y = add_node(scope, BiasAdd{}, {y, b}, "bias_add");
  }
  return activate(scope, y, options.activation);
}

}  // namespace

Layer conv2d(std::int64_t filters, Size2 kernel, const Conv2dOptions& options) {
  return Layer("conv", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    return convolve(scope, x[0], filters, kernel, options);
  });
}

Layer depthwise_conv2d(Size2 kernel, const DepthwiseConv2dOptions& options) {
  return Layer("conv", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    require_image(scope, x[0], "a convolution");
    scope.require(options.multiplier > 0, "expected a multiplier of at least 1");
    const std::int64_t C = scope.shape(x[0])[3];
    Conv2dOptions same;
    same.stride = options.stride;
    same.padding = options.padding;
    same.activation = options.activation;
    same.bias = options.bias;
    same.dilation = options.dilation;
    same.groups = C;
    same.kernel = options.kernel;
    same.bias_value = options.bias_value;
    return convolve(scope, x[0], C * options.multiplier, kernel, same);
  });
}

}  // namespace evenkeel::layers
