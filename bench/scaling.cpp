// SPDX-License-Identifier: Apache-2.0
// Training speed and memory by batch, width and depth, on one thread and two:
//   bench_scaling [--out FILE.json] [--short] [--rounds N]
// Each point is a process of its own, because a process's peak memory never falls. Tables on
// stdout, JSON into a file. --short: the ends of each series. --rounds: all
// of it N times; a point's best counts.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "bench/kernels/peak.h"
#include "bench/kernels/timer.h"
#include "bench/report/scaling_report.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_child.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"

namespace {

using namespace evenkeel;
using namespace evenkeel::bench;
namespace fs = std::filesystem;

constexpr const char kPoint[] = "--point";

// The reference network with its convolutions' channels and its dense layer times value / 32.
Model scaled_cnn(std::int64_t channels) {
  const Conv2dOptions same = {.padding = Padding::same, .activation = Activation::relu};
  return Sequential("mnist-cnn", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(channels, 5, same)
      .max_pool2d(2)
      .conv2d(2 * channels, 5, same)
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(32 * channels, {.activation = Activation::relu})
      .dense(10)
      .build();
}

Model model_of(const ScalingPoint& point) {
  const bool by_batch = point.series == "batch";
  if (point.network == "mnist-cnn") return by_batch ? mnist_cnn() : scaled_cnn(point.value);
  if (point.network == "resnet") return resnet({.blocks = point.value});
  MlpOptions options;
  options.batch_norm = !by_batch;  // of one image there is no variance
  if (by_batch) return mlp(options);
  options.widths = point.series == "width"
                       ? std::vector<std::int64_t>{point.value, point.value}
                       : std::vector<std::int64_t>(static_cast<std::size_t>(point.value), 256);
  return mlp(options);
}

// Noise with labels: what is learnt makes no difference to the speed.
Dataset noise(const Model& model, std::int64_t images) {
  const Shape shape = model.image_shape();
  std::mt19937 random(1);
  Tensor pixels(DType::u8, Shape{images, shape[0], shape[1], shape[2]});
  for (std::byte& pixel : pixels.bytes) pixel = static_cast<std::byte>(random());
  std::vector<std::int32_t> labels(static_cast<std::size_t>(images));
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random() % 10);
  return Dataset("noise", std::move(pixels), std::move(labels), 10);
}

// Steps for about a second, at least five behind the two that warm up.
ScalingPoint measured(ScalingPoint point) {
  using Clock = std::chrono::steady_clock;
  Trainer trainer(model_of(point), softmax_cross_entropy(), Adam{},
                  {.seed = 1, .threads = point.threads});
  std::vector<double> seconds;
  std::stop_source stop;
  const Clock::time_point begin = Clock::now();
  Clock::time_point last = begin;
  Callback clock;
  clock.on_batch = [&](Trainer&, const BatchEvent& event) {
    const Clock::time_point now = Clock::now();
    if (event.step > 2) seconds.push_back(std::chrono::duration<double>(now - last).count());
    last = now;
    if (seconds.size() >= 5 && now - begin > std::chrono::seconds(1)) stop.request_stop();
  };
  const Dataset data = noise(trainer.model(), std::max<std::int64_t>(point.batch * 2, 512));
  trainer.fit(data, {.epochs = 1'000'000,
                     .batch_size = point.batch,
                     .callbacks = {clock},
                     .stop = stop.get_token()});
  point.images_s = static_cast<double>(point.batch) / median(seconds);
  point.best_images_s =
      static_cast<double>(point.batch) / *std::min_element(seconds.begin(), seconds.end());
  point.peak_megabytes = static_cast<double>(os::peak_resident_bytes()) / 1e6;
  return point;
}

std::vector<ScalingPoint> points(bool brief) {
  std::vector<ScalingPoint> result;
  const int most = std::min(2, default_threads());
  const auto add = [&](const char* series, const char* network, std::vector<std::int64_t> values) {
    if (brief) values = {values.front(), values.back()};
    for (const std::int64_t value : values)
      for (int threads = 1; threads <= most; ++threads)
        result.push_back(
            {series, network, value, std::string(series) == "batch" ? value : 128, threads});
  };
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 1; batch <= 4096; batch *= 2) batches.push_back(batch);
  add("batch", "mlp", batches);
  batches.erase(batches.begin());  // its batch norm wants two images
  add("batch", "mnist-cnn", batches);
  add("width", "mlp", {64, 128, 256, 512, 1024, 2048, 4096});
  add("width", "mnist-cnn", {8, 16, 32, 64, 128});
  add("depth", "mlp", {1, 2, 4, 8, 16, 32});
  add("depth", "resnet", {1, 2, 3, 5, 9});
  return result;
}

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// What is left of a point and of the same point measured again.
ScalingPoint better(const ScalingPoint& a, const ScalingPoint& b) {
  ScalingPoint result = a.images_s < b.images_s ? b : a;
  result.best_images_s = std::max(a.best_images_s, b.best_images_s);
  return result;
}

ScalingPoint in_a_process(const ScalingPoint& point) {
  const fs::path out =
      fs::temp_directory_path() / ("evenkeel-scaling-" + std::to_string(std::random_device()()));
  const fs::path errors = out.string() + "-errors";
  os::ChildProcess child({kPoint, to_line(point)}, out, errors);
  std::optional<int> code;
  while (!(code = child.ended())) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::string line = read(out);
  const std::string error = read(errors);
  fs::remove(out);
  fs::remove(errors);
  if (*code != 0) throw RuntimeFailure("scaling", to_line(point) + ": " + error);
  return point_from_line(line);
}

int run(int argc, char** argv) {
  std::string out;
  bool brief = false;
  int rounds = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--short") {
      brief = true;
    } else if (word == "--rounds" && i + 1 < argc) {
      rounds = std::stoi(argv[++i]);
    } else if ((word == "--out" || word == kPoint) && i + 1 < argc) {
      if (word == kPoint) {
        os::end_with_parent();
        std::cout << to_line(measured(point_from_line(argv[i + 1]))) << std::endl;
        return 0;
      }
      out = argv[++i];
    } else {
      throw InvalidArgument("bench scaling",
                            "expected --out FILE, --short or --rounds N, got '" + word + "'");
    }
  }
  ScalingReport report = {cpu_model(), instruction_set(), {}};
  report.points = points(brief);
  for (int round = 0; round < rounds; ++round)
    for (ScalingPoint& point : report.points) {
      point = better(in_a_process(point), point);
      std::cerr << to_line(point) << "\n";
    }
  std::cout << to_markdown(report);
  if (!out.empty() && !(std::ofstream(out) << to_json(report) << "\n").flush())
    throw RuntimeFailure(out, "could not be written");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const InvalidArgument& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 1;
  }
}
