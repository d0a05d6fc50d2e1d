// SPDX-License-Identifier: Apache-2.0
// Steps a second where they are small, by threads: MLP of three equal hidden layers with batch norm
// and sigmoid, SGD, on MNIST; at the end the last as a line of JSON:
//   bench_small_steps [WIDTH [BATCH [STEPS]]]
// 100 and 60 are the network of Ioffe & Szegedy 2015, figure 1.
#include <evenkeel/evenkeel.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "evenkeel/model/networks.h"

namespace ek = evenkeel;

namespace {

struct Settings {
  std::int64_t width = 100;
  std::int64_t batch = 60;
  std::int64_t steps = 3000;
};

// 1 / the median step; the data make epochs, so whole ones are trained.
double steps_per_second(const ek::Dataset& data, const Settings& settings, int threads) {
  using Clock = std::chrono::steady_clock;
  ek::MlpOptions options;
  options.widths = {settings.width, settings.width, settings.width};
  options.activation = ek::Activation::sigmoid;
  ek::Trainer trainer(ek::mlp(options), ek::softmax_cross_entropy(), ek::Sgd{.learning_rate = 0.1},
                      {.seed = 1, .threads = threads});
  std::vector<double> seconds;
  Clock::time_point last = Clock::now();
  ek::Callback clock;
  clock.on_batch = [&](ek::Trainer&, const ek::BatchEvent&) {
    const Clock::time_point now = Clock::now();
    seconds.push_back(std::chrono::duration<double>(now - last).count());
    last = now;
  };
  const std::int64_t epochs =
      std::max<std::int64_t>(1, settings.steps * settings.batch / data.size());
  trainer.fit(data, {.epochs = epochs, .batch_size = settings.batch, .callbacks = {clock}});
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return 1 / *middle;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  if (argc > 1) settings.width = std::stoll(argv[1]);
  if (argc > 2) settings.batch = std::stoll(argv[2]);
  if (argc > 3) settings.steps = std::stoll(argv[3]);
  const ek::Dataset data = ek::datasets::mnist({}).train;
  std::cout << "MLP 784-3x" << settings.width << "-10, batch " << settings.batch << "\n";
  double speed = 0;
  for (const int threads : {1, 2, 0}) {
    speed = steps_per_second(data, settings, threads);
    std::cout << (threads == 0 ? "as chosen" : "threads " + std::to_string(threads)) << ": "
              << static_cast<std::int64_t>(speed) << " steps/s\n";
  }
  std::cout << R"({"event":"done","name":"evenkeel","step_ms":)" << 1e3 / speed
            << R"(,"img_per_s":)" << speed * static_cast<double>(settings.batch) << "}\n";
}
