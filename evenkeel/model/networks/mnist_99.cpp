// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/networks.h"
#include "evenkeel/model/networks/families.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {

Model mnist_99_for(const ImageInput& input, std::int64_t classes) {
  return Sequential("mnist-99", input)
      .conv2d(16, 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .conv2d(32, 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .flatten()
      .dense(classes)
      .build();
}

Model mnist_99() { return mnist_99_for(image(28, 28, 1).scale(1 / 255.0), 10); }

}  // namespace evenkeel
