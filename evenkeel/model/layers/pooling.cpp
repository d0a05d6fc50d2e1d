// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/layers.h"
#include "evenkeel/model/layers/add_node.h"
#include "evenkeel/model/layers/window.h"

namespace evenkeel::layers {
namespace {

struct Window {
  Pair size;
  Pair stride;
  Padding4 padding;
};

Window window_of(const Scope& scope, Value x, const Size2& window, const Size2& stride,
                 const ImagePadding& padding) {
  require_image(scope, x, "pooling");
  const Shape& shape = scope.shape(x);
  const Pair size = pair_of(window);
  const Pair step = {stride.height == 0 ? size[0] : stride.height,
                     stride.width == 0 ? size[1] : stride.width};
  const Window result = {size, step, padding_for(padding, shape, size, step)};
  require_window(scope, shape, result.size, result.stride, result.padding);
  return result;
}

// [N,H,W,C] -> [N,C] by one window over the whole image.
template <typename Pool>
Layer global(std::string name) {
  return Layer("pool", std::move(name), [](Scope& scope, const std::vector<Value>& x) {
    require_image(scope, x[0], "pooling");
    const Shape image = scope.shape(x[0]);
    const Pair all = {image[1], image[2]};
    const Value y = add_node(scope, Pool{all, all, {0, 0, 0, 0}}, x, Pool::name);
    return add_node(scope, Reshape{{kBatch, image[3]}}, {y}, "reshape");
  });
}

}  // namespace

Layer max_pool2d(Size2 window, const MaxPool2dOptions& options) {
  return Layer("pool", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Window w = window_of(scope, x[0], window, options.stride, options.padding);
    return add_node(scope, MaxPool2d{w.size, w.stride, w.padding}, x);
  });
}

Layer avg_pool2d(Size2 window, const AvgPool2dOptions& options) {
  return Layer("pool", options.name, [=](Scope& scope, const std::vector<Value>& x) {
    const Window w = window_of(scope, x[0], window, options.stride, options.padding);
    return add_node(scope, AvgPool2d{w.size, w.stride, w.padding, options.count_padding}, x);
  });
}

Layer global_max_pool2d(std::string name) { return global<MaxPool2d>(std::move(name)); }
Layer global_avg_pool2d(std::string name) { return global<AvgPool2d>(std::move(name)); }

Layer subsample(Size2 stride, std::int64_t channels, std::string name) {
  return Layer("shortcut", std::move(name), [=](Scope& scope, const std::vector<Value>& x) {
    require_image(scope, x[0], "subsampling");
    const std::int64_t C = scope.shape(x[0])[3];
    scope.require(stride.height > 0 && stride.width > 0, "expected a stride of at least 1");
    scope.require(channels >= C, "expected at least the " + std::to_string(C) +
                                     " channels that it gets, got " + std::to_string(channels));
    Value y = add_node(scope, AvgPool2d{{1, 1}, pair_of(stride), {0, 0, 0, 0}}, x, "subsample");
    if (channels > C) y = add_node(scope, ZeroPad{-1, 0, channels - C}, {y}, "zero_pad");
    return y;
  });
}

}  // namespace evenkeel::layers
