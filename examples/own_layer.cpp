// SPDX-License-Identifier: Apache-2.0
// Layers of one's own: an activation with a learned parameter, and pooling behind a gate, in a
// network of two paths. Usage: own_layer [epochs]
#include <evenkeel/evenkeel.h>
#include <evenkeel/graph.h>

#include <cstdlib>
#include <iostream>

namespace ek = evenkeel;

namespace {

// x sigmoid(b x), with a learned b for each channel.
ek::Value swish(ek::Scope& s, ek::Value x) {
  const ek::Value b = s.parameter("b", {s.shape(x).back()}, ek::Initializer::ones);
  return ek::ops::multiply(s.graph(), x,
                           ek::ops::sigmoid(s.graph(), ek::ops::scale_axis(s.graph(), x, b)));
}

// A layer with settings is a function that returns one. Each channel's mean over the image times a
// gate that a small network opens or closes by all of them. [N,H,W,C] -> [N,C]
ek::Layer gated_pooling(std::int64_t hidden) {
  const auto pool = [hidden](ek::Scope& s, ek::Value x) {
    const ek::Value means = ek::layers::global_avg_pool2d()(s, x);
    const ek::Value inside =
        ek::layers::dense(hidden, {.activation = ek::Activation::relu})(s, means);
    const ek::Value gate =
        ek::layers::dense(s.shape(means)[1], {.activation = ek::Activation::sigmoid})(s, inside);
    return ek::ops::multiply(s.graph(), means, gate);
  };
  return ek::Layer(pool, "gated");
}

ek::Model network() {
  ek::Scope s("own-layer", ek::image(28, 28, 1).scale(1 / 255.0));
  ek::Value x = ek::layers::conv2d(16, 5, {.stride = 2, .bias = false})(s, s.images());
  x = ek::Layer(swish)(s, ek::layers::batch_norm()(s, x));
  // A residual block: two paths that meet in a sum.
  ek::Value y = ek::layers::conv2d(16, 3, {.padding = ek::Padding::same, .bias = false})(s, x);
  y = ek::layers::batch_norm()(s, y);
  x = ek::Layer(swish)(s, ek::layers::add()(s, x, y));
  const ek::Value pooled = gated_pooling(8)(s, x);
  const ek::Value rows = ek::layers::flatten()(s, ek::layers::max_pool2d(3)(s, x));
  const ek::Value both = ek::layers::concat()(s, pooled, rows);
  return s.build(ek::layers::dense(10)(s, ek::layers::dropout(0.1)(s, both)));
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t epochs = argc > 1 ? std::atoll(argv[1]) : 2;
  try {
    const auto mnist = ek::datasets::mnist();
    ek::Trainer trainer(network(), ek::softmax_cross_entropy(), ek::AdamW{.learning_rate = 5e-3},
                        {.seed = 1, .schedule = ek::Schedule::cosine().warm_up(4)});
    trainer.fit(mnist.train, {.epochs = epochs,
                              .batch_size = 128,
                              .callbacks = {ek::log_every(100, mnist.validation, std::cout)}});
    const ek::Evaluation test = trainer.evaluate(mnist.test, {.top_k = 3});
    std::cout << "test accuracy = " << test.accuracy << ", among the first three "
              << test.top_k_accuracy << "\n";
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
