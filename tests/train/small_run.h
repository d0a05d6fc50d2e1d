// SPDX-License-Identifier: Apache-2.0
// A network and data so small that a test can train many times.
#pragma once

#include <vector>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel::test {

inline Model small_model() {
  return Sequential("small", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .batch_norm({.decay = Decay::keep(0.99)})
      .dense(16, {.activation = Activation::relu})
      .dense(10)
      .build();
}

inline Trainer small_trainer(LogHook log = {}) {
  TrainerOptions options;
  options.seed = 1;
  options.threads = 2;
  options.log = std::move(log);
  return Trainer(small_model(), softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, options);
}

// 320 images: ten batches of 32.
inline Dataset small_data(std::size_t count = 320, std::uint64_t seed = 1) {
  const auto labels = small_labels(count, seed);
  return Dataset("small",
                 Tensor::of<std::uint8_t>(Shape{static_cast<std::int64_t>(count), 28, 28, 1},
                                          small_images(labels, seed)),
                 std::vector<std::int32_t>(labels.begin(), labels.end()), 10);
}

// Of which every third label is wrong: once a network is sure of itself, its loss on them rises.
inline Dataset mislabelled_data() {
  const Dataset data = small_data(60, 9);
  std::vector<std::int32_t> labels(data.labels().begin(), data.labels().end());
  for (std::size_t i = 0; i < labels.size(); i += 3) labels[i] = (labels[i] + 1) % 10;
  const auto images = data.images();
  return Dataset("mislabelled",
                 Tensor::of<std::uint8_t>(Shape{60, 28, 28, 1}, {images.begin(), images.end()}),
                 labels, 10);
}

}  // namespace evenkeel::test
