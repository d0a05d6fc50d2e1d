// SPDX-License-Identifier: Apache-2.0
// Predictions timed as peers/predictions.py times its peers':
//   bench_predict CHECKPOINT [BATCH [CALLS [THREADS [WEIGHTS]]]], with the test set of MNIST;
// WEIGHTS are f32 or bf16.
#include <evenkeel/evenkeel.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace ek = evenkeel;

namespace {

constexpr std::int64_t kPixels = 28 * 28;
constexpr std::int64_t kWarmup = 30;

std::span<const std::uint8_t> images_at(const ek::Dataset& test, std::int64_t n,
                                        std::int64_t batch) {
  const auto pixels = test.images();
  return pixels.subspan(static_cast<std::size_t>(n * batch * kPixels),
                        static_cast<std::size_t>(batch * kPixels));
}

// The median seconds of a call on `batch` images, the next ones each time.
double median_call(const ek::Predictor& predictor, const ek::Dataset& test, std::int64_t batch,
                   std::int64_t calls) {
  using Clock = std::chrono::steady_clock;
  std::vector<float> result(static_cast<std::size_t>(batch * 10));
  std::vector<double> seconds;
  for (std::int64_t call = 0; call < kWarmup + calls; ++call) {
    const auto images = images_at(test, call % (test.size() / batch), batch);
    const auto start = Clock::now();
    predictor.probabilities(images, result);
    if (call >= kWarmup)
      seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + calls / 2, seconds.end());
  return seconds[static_cast<std::size_t>(calls / 2)];
}

double accuracy(const ek::Predictor& predictor, const ek::Dataset& test) {
  std::vector<std::int64_t> classes(static_cast<std::size_t>(test.size()));
  predictor.classes(test.images(), classes);
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < test.size(); ++i)
    right +=
        classes[static_cast<std::size_t>(i)] == test.labels()[static_cast<std::size_t>(i)] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(test.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bench_predict CHECKPOINT [BATCH [CALLS [THREADS [WEIGHTS]]]]\n";
    return 2;
  }
  const auto argument = [&](int index, int otherwise) {
    return argc > index ? std::stoi(argv[index]) : otherwise;
  };
  try {
    const int batch = argument(2, 128);
    const ek::Dataset test = ek::datasets::mnist().test;
    ek::PredictorOptions options = {.threads = argument(4, 2)};
    options.weights = ek::parse_weights(argc > 5 ? argv[5] : "f32").value();
    const auto predictor = ek::Predictor::load(argv[1], options);
    const double right = accuracy(predictor, test);
    std::cout << R"({"event":"first_step"})" << std::endl;
    const double seconds = median_call(predictor, test, batch, argument(3, 300));
    const double one = median_call(predictor, test, 1, argument(3, 300));
    std::cout << R"({"event":"done","name":"evenkeel","batch":)" << batch << R"(,"img_per_s":)"
              << batch / seconds << R"(,"one_image_ms":)" << 1e3 * one << R"(,"accuracy":)" << right
              << "}" << std::endl;
    return 0;
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
