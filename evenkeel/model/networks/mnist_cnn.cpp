// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/networks.h"
#include "evenkeel/model/networks/families.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {

Model mnist_cnn_for(const ImageInput& input, std::int64_t classes, bool tf_statistics,
                    double width) {
  return Sequential("mnist-cnn", input)
      .conv2d(widened(32, width), 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .conv2d(widened(64, width), 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm({.decay = Decay::keep(0.99), .count_weighted = !tf_statistics})
      .dense(widened(1024, width), {.activation = Activation::relu})
      .dense(classes)
      .build();
}

Model mnist_cnn(bool tf_statistics) {
  return mnist_cnn_for(image(28, 28, 1).scale(1 / 255.0), 10, tf_statistics, 1);
}

}  // namespace evenkeel
