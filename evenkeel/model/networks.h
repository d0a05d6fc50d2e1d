// SPDX-License-Identifier: Apache-2.0
// Networks that are ready to use, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/model/model.h"
#include "evenkeel/model/options.h"

namespace evenkeel {

// The reference network: 28x28x1 -> conv 5x5x32 same ReLU -> max-pool 2 -> conv 5x5x64 same ReLU ->
// max-pool 2 -> flatten 3136 -> batch norm -> dense 1024 ReLU -> dense 10.
// tf_statistics: moving statistics by TensorFlow's plain rule, keep 0.99 from the first update.
EVENKEEL_API Model mnist_cnn(bool tf_statistics = false);

// A small network that is at 99 % soon: 28x28x1 -> conv 5x5x16 same ReLU -> max-pool 2 -> batch
// norm
// -> conv 5x5x32 same ReLU -> max-pool 2 -> batch norm -> flatten 1568 -> dense 10. The command
// trains it with settings of its own.
EVENKEEL_API Model mnist_99();

struct MlpOptions {
  ImageInput input = image(28, 28, 1).scale(1 / 255.0);
  std::vector<std::int64_t> widths = {512, 256};  // of the hidden layers
  Activation activation = Activation::relu;
  bool batch_norm = true;  // dense (without bias) -> batch norm -> activation
  std::int64_t classes = 10;
};
// A multi-layer perceptron of any widths: flatten, the hidden layers, dense(classes).
EVENKEEL_API Model mlp(const MlpOptions& options = {});

// How a block's input reaches a sum of more channels and fewer pixels.
enum class Shortcut {
  subsample,  // every second pixel, zeros for the new channels: no weights (option A)
  projection  // 1x1 convolution with stride 2 and batch norm (option B)
};
struct ResnetOptions {
  std::int64_t blocks = 3;  // in each of three stages: 6 blocks + 2 layers, 3 -> ResNet-20
  Shortcut shortcut = Shortcut::subsample;
  ImageInput input = image(32, 32, 3).scale(1 / 255.0);
  std::int64_t classes = 10;
  double width = 1;  // the channels' factor
};
// ResNet for CIFAR-10 (He et al. 2015, arXiv 1512.03385, section 4.2): conv 3x3x16, three stages of
// 16, 32, 64 channels in blocks of two 3x3 convolutions (no bias, batch norm, ReLU), global average
// pooling, dense. blocks = 3: 269,722 trained parameters and 41 M multiply-adds for 32x32x3
// (projection: 272,474).
EVENKEEL_API Model resnet(const ResnetOptions& options = {});

// How large a network by name is made.
struct NetworkSize {
  double width = 1;        // factor of its channels and hidden units, rounded, at least 1 of each
  std::int64_t depth = 0;  // hidden layers of mlp, blocks in each stage of a resnet; 0: its own
};

// mnist-cnn, mnist-99, mlp, resnet20, resnet20-projection.
EVENKEEL_API std::vector<std::string> network_names();
// With its default settings, for the images and classes that it was made for. InvalidArgument with
// the nearest name for an unknown one, for a depth where it has none, and for a width that is no
// finite number above 0.
EVENKEEL_API Model network(std::string_view name, const NetworkSize& size = {});
// The same for other images and classes; mnist-cnn and all others take any that leave room for
// their poolings.
EVENKEEL_API Model network(std::string_view name, const ImageInput& input, std::int64_t classes,
                           const NetworkSize& size = {});

}  // namespace evenkeel
