// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/sequential.h"

#include "evenkeel/model/layers.h"

namespace evenkeel {

struct Sequential::Impl {
  Scope scope;
  Value at;
};

Sequential::Sequential(std::string name, const ImageInput& input) {
  Scope scope(std::move(name), input);
  const Value images = scope.images();
  impl_ = std::make_unique<Impl>(Impl{std::move(scope), images});
}
Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;

Sequential& Sequential::add(const Layer& layer) {
  impl_->at = layer(impl_->scope, impl_->at);
  return *this;
}
Sequential& Sequential::add(std::function<Value(Scope&, Value)> function, std::string name) {
  return add(Layer(std::move(function), std::move(name)));
}

Sequential& Sequential::conv2d(std::int64_t filters, Size2 kernel, const Conv2dOptions& options) {
  return add(layers::conv2d(filters, kernel, options));
}
Sequential& Sequential::depthwise_conv2d(Size2 kernel, const DepthwiseConv2dOptions& options) {
  return add(layers::depthwise_conv2d(kernel, options));
}
Sequential& Sequential::max_pool2d(Size2 window, const MaxPool2dOptions& options) {
  return add(layers::max_pool2d(window, options));
}
Sequential& Sequential::avg_pool2d(Size2 window, const AvgPool2dOptions& options) {
  return add(layers::avg_pool2d(window, options));
}
Sequential& Sequential::global_max_pool2d() { return add(layers::global_max_pool2d()); }
Sequential& Sequential::global_avg_pool2d() { return add(layers::global_avg_pool2d()); }
Sequential& Sequential::flatten() { return add(layers::flatten()); }
Sequential& Sequential::reshape(std::vector<std::int64_t> each_sample) {
  return add(layers::reshape(std::move(each_sample)));
}
Sequential& Sequential::batch_norm(const BatchNormOptions& options) {
  return add(layers::batch_norm(options));
}
Sequential& Sequential::layer_norm(const LayerNormOptions& options) {
  return add(layers::layer_norm(options));
}
Sequential& Sequential::group_norm(std::int64_t groups, const GroupNormOptions& options) {
  return add(layers::group_norm(groups, options));
}
Sequential& Sequential::instance_norm(const GroupNormOptions& options) {
  return add(layers::instance_norm(options));
}
Sequential& Sequential::dense(std::int64_t units, const DenseOptions& options) {
  return add(layers::dense(units, options));
}
Sequential& Sequential::dropout(double rate) { return add(layers::dropout(rate)); }
Sequential& Sequential::relu() { return add(layers::relu()); }
Sequential& Sequential::leaky_relu(double slope) { return add(layers::leaky_relu(slope)); }
Sequential& Sequential::relu6() { return add(layers::relu6()); }
Sequential& Sequential::sigmoid() { return add(layers::sigmoid()); }
Sequential& Sequential::tanh() { return add(layers::tanh()); }
Sequential& Sequential::softmax() { return add(layers::softmax()); }

Model Sequential::build() const { return impl_->scope.build(impl_->at); }

}  // namespace evenkeel
