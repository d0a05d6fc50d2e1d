// SPDX-License-Identifier: Apache-2.0
// Fine-tuning: what convolutions have learnt of digits, put to use on clothes under a new head, and
// left as it is. Usage: fine_tuning [digits [clothes [checkpoint]]], the first two names or folders
// of data sets
#include <evenkeel/evenkeel.h>

#include <iostream>
#include <string>

namespace ek = evenkeel;

namespace {

// `head` names the last layer: what a checkpoint has under another name is not taken.
ek::Model network(const std::string& head) {
  return ek::Sequential("fine-tuning", ek::image(28, 28, 1).scale(1 / 255.0))
      .conv2d(16, 5, {.bias = false})
      .batch_norm()
      .relu()
      .max_pool2d(2)
      .conv2d(32, 5, {.bias = false})
      .batch_norm()
      .relu()
      .max_pool2d(2)
      .flatten()
      .dense(10, {.name = head})
      .build();
}

ek::Trainer trainer(const ek::Model& model) {
  return ek::Trainer(model, ek::softmax_cross_entropy(), ek::Adam{.learning_rate = 1e-3},
                     {.seed = 1});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string checkpoint = argc > 3 ? argv[3] : "digits.safetensors";
  try {
    const auto digits = ek::datasets::load(argc > 1 ? argv[1] : "mnist");
    ek::Trainer first = trainer(network("digits"));
    first.fit(digits.train, {.epochs = 1, .batch_size = 128});
    first.save(checkpoint);

    const auto clothes = ek::datasets::load(argc > 2 ? argv[2] : "fashion-mnist");
    // The first block stays as digits have made it, the second goes on learning.
    const ek::Model tuned = ek::freeze(ek::freeze(network("clothes"), "conv1"), "bn1");
    ek::Trainer second = trainer(tuned);
    std::cout << to_text(ek::init_from(second, checkpoint));
    // Ends where three epochs in a row do not help.
    second.fit(clothes.train,
               {.epochs = 10,
                .batch_size = 128,
                .callbacks = {ek::log_every(100, clothes.validation, std::cout),
                              ek::early_stopping(clothes.validation, {.patience = 3})}});
    std::cout << "test accuracy = " << second.evaluate(clothes.test).accuracy << "\n";
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
