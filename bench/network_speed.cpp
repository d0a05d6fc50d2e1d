// SPDX-License-Identifier: Apache-2.0
// Other networks than the reference one, on random images in memory, timed as peers/networks.py
// times its peers':
//   bench_network resnet20|resnet20-plain|other-cnn train|infer [BATCH [STEPS [THREADS]]]
// resnet20-plain: with a bias in the place of each batch norm. other-cnn: 30 x 30 images, 5 x 5 x
// 24, 5 x 5 x 56, dense 500: sizes that nothing was tuned for.
#include <evenkeel/evenkeel.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "evenkeel/recipe/build.h"

namespace ek = evenkeel;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kWarmup = 10;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ek::Model other_cnn() {
  const ek::Conv2dOptions same = {.padding = ek::Padding::same, .activation = ek::Activation::relu};
  return ek::Sequential("other-cnn", ek::image(30, 30, 1).scale(1 / 255.0))
      .conv2d(24, 5, same)
      .max_pool2d(2)
      .conv2d(56, 5, same)
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(500, {.activation = ek::Activation::relu})
      .dense(10)
      .build();
}

ek::Model network(const std::string& name) {
  if (name == "other-cnn") return other_cnn();
  if (name != "resnet20" && name != "resnet20-plain")
    throw std::invalid_argument("expected resnet20, resnet20-plain or other-cnn, got '" + name +
                                "'");
  ek::Recipe recipe;
  recipe.model = "resnet20-projection";
  recipe.batch_norm = name == "resnet20";
  return ek::model_of(recipe, nullptr);
}

ek::Dataset noise(const ek::Model& model, std::int64_t images) {
  const ek::Shape shape = model.image_shape();
  std::mt19937 random(1);
  ek::Tensor pixels(ek::DType::u8, ek::Shape{images, shape[0], shape[1], shape[2]});
  for (std::byte& pixel : pixels.bytes) pixel = static_cast<std::byte>(random());
  std::vector<std::int32_t> labels(static_cast<std::size_t>(images));
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random() % 10);
  return {"noise", std::move(pixels), std::move(labels), 10};
}

// The median of the steps behind the first ones.
double training_step(ek::Trainer& trainer, const ek::Dataset& data, std::int64_t batch,
                     std::int64_t steps) {
  std::vector<double> seconds;
  std::stop_source stop;
  Clock::time_point last = Clock::now();
  ek::Callback clock;
  clock.on_batch = [&](ek::Trainer&, const ek::BatchEvent& event) {
    if (event.step == 1) std::cout << R"({"event":"first_step"})" << std::endl;
    if (event.step > kWarmup) seconds.push_back(seconds_since(last));
    last = Clock::now();
    if (event.step >= kWarmup + steps) stop.request_stop();
  };
  trainer.fit(
      data,
      {.epochs = 1'000'000, .batch_size = batch, .callbacks = {clock}, .stop = stop.get_token()});
  return median(std::move(seconds));
}

double prediction(const ek::Predictor& predictor, const ek::Dataset& data, std::int64_t batch,
                  std::int64_t calls) {
  std::vector<float> result(static_cast<std::size_t>(batch * 10));
  const auto images =
      data.images().first(data.images().size() / static_cast<std::size_t>(data.size() / batch));
  std::vector<double> seconds;
  for (std::int64_t call = 0; call < kWarmup + calls; ++call) {
    const auto start = Clock::now();
    predictor.probabilities(images, result);
    if (call >= kWarmup) seconds.push_back(seconds_since(start));
  }
  return median(std::move(seconds));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: bench_network resnet20|resnet20-plain|other-cnn train|infer "
                 "[BATCH [STEPS [THREADS]]]\n";
    return 2;
  }
  try {
    const auto argument = [&](int index, int otherwise) {
      return argc > index ? std::stoi(argv[index]) : otherwise;
    };
    const int batch = argument(3, 128), steps = argument(4, 50), threads = argument(5, 2);
    ek::Trainer trainer(network(argv[1]), ek::softmax_cross_entropy(), ek::Adam{},
                        {.seed = 1, .threads = threads});
    const ek::Dataset data = noise(trainer.model(), 4 * batch);
    const bool infer = std::string(argv[2]) == "infer";
    // Predicting wants moving statistics, so that a few steps come first.
    double seconds = training_step(trainer, data, batch, infer ? 1 : steps);
    if (infer)
      seconds = prediction(ek::Predictor(trainer, {.threads = threads}), data, batch, steps);
    std::cout << R"({"event":"done","name":"evenkeel","step_ms":)" << 1e3 * seconds
              << R"(,"img_per_s":)" << batch / seconds << "}" << std::endl;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
