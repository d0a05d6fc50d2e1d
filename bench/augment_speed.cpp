// SPDX-License-Identifier: Apache-2.0
// What augmenting costs: milliseconds of one thread for a batch of 128 images, and the step of
// resnet20 (32x32x3, batch 128) with and without it, in turns:
//   bench_augment [ROUNDS [THREADS]]
#include <evenkeel/evenkeel.h>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "evenkeel/data/batch_loader.h"

namespace ek = evenkeel;

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kBatch = 128;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ek::Dataset noise(std::int64_t images, const ek::Shape& image) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(images * image.elements()));
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  std::vector<std::int32_t> labels(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 10);
  const ek::Shape shape = {images, image[0], image[1], image[2]};
  return ek::Dataset("noise", ek::Tensor::of<std::uint8_t>(shape, bytes), labels, 10);
}

struct Way {
  std::string name;
  ek::Augmentation augmentation;
  std::optional<int> loaders = {};
};

void batches_alone(const ek::Shape& image) {
  const ek::Dataset data = noise(20'000, image);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(kBatch * image.elements()));
  const std::vector<Way> ways = {{"copied", {}},
                                 {"flip", {.flip = true}},
                                 {"flip, crop 4", {.flip = true, .crop = 4}},
                                 {"and cutout 8", {.flip = true, .crop = 4, .cutout = 8}},
                                 {"rotate 15", {.rotate = 15}}};
  for (const Way& way : ways) {
    ek::BatchSampler sampler(data.size(), kBatch);
    std::vector<double> times;
    for (std::int64_t step = 0; step < 101; ++step) {
      const auto indices = sampler.indices(step);
      const Clock::time_point start = Clock::now();
      ek::gather_augmented(data, indices, way.augmentation, 1, step, 0, out);
      times.push_back(milliseconds(Clock::now() - start));
    }
    std::cout << to_string(image) << "  " << std::left << std::setw(16) << way.name << std::right
              << std::setw(8) << median(times) << " ms\n"
              << std::flush;
  }
}

void steps(int rounds, int threads) {
  const ek::Dataset data = noise(10 * kBatch, {32, 32, 3});
  const ek::Augmentation usual = {.flip = true, .crop = 4};
  const std::vector<Way> ways = {{"copied", {}},
                                 {"flip, crop 4, no loader", usual, 0},
                                 {"flip, crop 4, one loader", usual, 1},
                                 {"and rotate 15", {.flip = true, .rotate = 15, .crop = 4}, 1}};
  ek::Trainer trainer(ek::resnet(), ek::softmax_cross_entropy(), ek::Sgd{.learning_rate = 0.01},
                      {.seed = 1, .threads = threads});
  std::int64_t epochs = 1;
  trainer.fit(data, {.epochs = epochs});
  std::vector<std::vector<double>> times(ways.size());
  for (std::size_t turn = 0; turn < ways.size() * static_cast<std::size_t>(rounds); ++turn) {
    const std::size_t way = turn % ways.size();
    Clock::time_point last = Clock::now();
    ek::Callback clock;
    clock.on_batch = [&](ek::Trainer&, const ek::BatchEvent&) {
      const Clock::time_point now = Clock::now();
      times[way].push_back(milliseconds(now - last));
      last = now;
    };
    trainer.fit(data, {.epochs = ++epochs,
                       .callbacks = {clock},
                       .augment = ways[way].augmentation,
                       .loaders = ways[way].loaders});
  }
  const double copied = median(times[0]);
  for (std::size_t way = 0; way < ways.size(); ++way) {
    const double step = median(times[way]);
    std::cout << "resnet20  " << std::left << std::setw(26) << ways[way].name << std::right
              << std::setw(8) << step << " ms a step, " << std::setw(6) << 100 * (step / copied - 1)
              << " % more\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::cout << std::fixed << std::setprecision(3);
  batches_alone({28, 28, 1});
  batches_alone({32, 32, 3});
  steps(argc > 1 ? std::stoi(argv[1]) : 5, argc > 2 ? std::stoi(argv[2]) : 0);
}
