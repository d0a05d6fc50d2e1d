// SPDX-License-Identifier: Apache-2.0
// Trains a small network on made-up images and saves it: teach CHECKPOINT
#include <evenkeel/core.h>

#include <iostream>

#include "stripes.h"

namespace ek = evenkeel;

namespace {

ek::Dataset made_up(std::int64_t count) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool standing = i % 2 == 1;
    const auto image = stripes::middle(stripes::frame(static_cast<std::uint32_t>(i), standing));
    pixels.insert(pixels.end(), image.begin(), image.end());
    labels.push_back(standing ? 1 : 0);
  }
  const ek::Shape shape = {count, stripes::kSide, stripes::kSide, 1};
  return ek::Dataset("stripes", ek::Tensor::of<std::uint8_t>(shape, pixels), labels, 2);
}

ek::Model network() {
  return ek::Sequential("stripes", ek::image(stripes::kSide, stripes::kSide, 1).scale(1 / 255.0))
      .conv2d(8, 3, {.activation = ek::Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(2)
      .build();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " CHECKPOINT\n";
    return 2;
  }
  try {
    ek::Trainer trainer(network(), ek::softmax_cross_entropy(), ek::Adam{}, {.seed = 1});
    trainer.fit(made_up(320), {.epochs = 6, .batch_size = 32});
    std::cout << "accuracy " << trainer.evaluate(made_up(100)).accuracy << "\n";
    trainer.save(argv[1]);
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
