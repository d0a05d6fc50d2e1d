// SPDX-License-Identifier: Apache-2.0
// A small trained network and images for the tests of Predictor.
#pragma once

#include <cstdint>
#include <vector>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel::test {

inline Dataset small_set(std::size_t count, std::uint64_t seed) {
  const auto labels = small_labels(count, seed);
  return Dataset("small",
                 Tensor::of<std::uint8_t>(Shape{static_cast<std::int64_t>(count), 28, 28, 1},
                                          small_images(labels, seed)),
                 std::vector<std::int32_t>(labels.begin(), labels.end()), 10);
}

inline Trainer trained_network() {
  Trainer trainer(Sequential("small", image(28, 28, 1).scale(1 / 255.0))
                      .conv2d(4, 3, {.stride = 2, .activation = Activation::relu})
                      .max_pool2d(2)
                      .flatten()
                      .batch_norm()
                      .dense(16, {.activation = Activation::relu})
                      .dense(10)
                      .build(),
                  softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, {.seed = 1, .threads = 1});
  trainer.fit(small_set(300, 1), {.epochs = 2, .batch_size = 32});
  return trainer;
}

// All probabilities of a call; Pixels: anything that makes an ImageView.
template <typename Pixels>
std::vector<float> probabilities_of(const Predictor& predictor, const Pixels& images,
                                    std::size_t count, const ImageLayout& layout = {}) {
  std::vector<float> result(count * static_cast<std::size_t>(predictor.model().classes()));
  predictor.probabilities(ImageView(images, layout), result);
  return result;
}

}  // namespace evenkeel::test
