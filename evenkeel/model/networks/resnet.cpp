// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/networks/families.h"

namespace evenkeel {
namespace {

// Convolution without bias (batch norm's beta is one) and batch norm.
Value normalised_conv(Scope& scope, Value x, std::int64_t channels, std::int64_t kernel,
                      std::int64_t stride) {
  const Conv2dOptions options = {.stride = stride,
                                 .padding = {kernel / 2, kernel / 2, kernel / 2, kernel / 2},
                                 .bias = false,
                                 .kernel = Initializer::he_normal};
  return layers::batch_norm()(scope, layers::conv2d(channels, kernel, options)(scope, x));
}

Value block(Scope& scope, Value x, std::int64_t channels, std::int64_t stride, Shortcut shortcut) {
  const Value inner = layers::relu()(scope, normalised_conv(scope, x, channels, 3, stride));
  const Value y = normalised_conv(scope, inner, channels, 3, 1);
  Value past = x;
  if (stride != 1)
    past = shortcut == Shortcut::projection ? normalised_conv(scope, x, channels, 1, stride)
                                            : layers::subsample(stride, channels)(scope, x);
  return layers::relu()(scope, layers::add()(scope, y, past));
}

std::string name_of(const ResnetOptions& options) {
  return "resnet" + std::to_string(6 * options.blocks + 2) +
         (options.shortcut == Shortcut::projection ? "-projection" : "");
}

}  // namespace

Model resnet(const ResnetOptions& options) {
  if (options.blocks < 1)
    throw InvalidArgument(
        "resnet", "expected at least 1 block in each stage, got " + std::to_string(options.blocks));
  Scope scope(name_of(options), options.input);
  Value x = layers::relu()(
      scope, normalised_conv(scope, scope.images(), widened(16, options.width), 3, 1));
  for (const std::int64_t channels : {16, 32, 64})
    for (std::int64_t i = 0; i < options.blocks; ++i)
      x = block(scope, x, widened(channels, options.width), channels > 16 && i == 0 ? 2 : 1,
                options.shortcut);
  x = layers::global_avg_pool2d()(scope, x);
  return scope.build(layers::dense(options.classes)(scope, x));
}

}  // namespace evenkeel
