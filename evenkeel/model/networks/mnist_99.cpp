// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/networks.h"
#include "evenkeel/model/networks/families.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {

Model mnist_99_for(const ImageInput& input, std::int64_t classes, double width) {
  return Sequential("mnist-99", input)
      .conv2d(widened(16, width), 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .conv2d(widened(32, width), 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .flatten()
      .dense(classes)
      .build();
}

Model mnist_99() { return mnist_99_for(image(28, 28, 1).scale(1 / 255.0), 10, 1); }

}  // namespace evenkeel
