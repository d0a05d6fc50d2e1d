// SPDX-License-Identifier: Apache-2.0
// The well-known exercise, whole: a convolutional network with batch norm, trained on MNIST, saved,
// and used as a product would. Usage: mnist_cnn [epochs] [checkpoint]
#include <evenkeel/evenkeel.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

namespace ek = evenkeel;

namespace {

ek::Model mnist_cnn() {
  return ek::Sequential("mnist-cnn", ek::image(28, 28, 1).scale(1 / 255.0))  // takes uint8
      .conv2d(32, 5, {.padding = ek::Padding::same, .activation = ek::Activation::relu})
      .max_pool2d(2)
      .conv2d(64, 5, {.padding = ek::Padding::same, .activation = ek::Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(1024, {.activation = ek::Activation::relu})
      .dense(10)
      .build();
}

void train(const ek::Splits& mnist, std::int64_t epochs, const std::string& checkpoint) {
  ek::Trainer trainer(mnist_cnn(), ek::softmax_cross_entropy(), ek::Adam{.learning_rate = 1e-3},
                      {.seed = 1});
  trainer.fit(mnist.train, {.epochs = epochs,
                            .batch_size = 128,
                            .callbacks = {ek::log_every(100, mnist.test, std::cout)}});
  trainer.save(checkpoint);
}

// In the product that uses it: const calls, from any thread.
void use(const ek::Splits& mnist, const std::string& checkpoint) {
  const auto digits = ek::Predictor::load(checkpoint, {.threads = 1});
  const std::span<const std::uint8_t> pixels = mnist.test.image(0);
  std::array<float, 10> p;
  digits.probabilities(pixels, p);
  const auto digit = static_cast<std::size_t>(digits.classify(pixels));
  std::cout << "The first test image is a " << digit << " with probability " << p[digit]
            << "; its label says " << mnist.test.labels()[0] << ".\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::int64_t epochs = argc > 1 ? std::atoll(argv[1]) : 10;
    const std::string checkpoint = argc > 2 ? argv[2] : "mnist-cnn.safetensors";
    const auto mnist = ek::datasets::mnist({.download = true});
    train(mnist, epochs, checkpoint);
    use(mnist, checkpoint);
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
