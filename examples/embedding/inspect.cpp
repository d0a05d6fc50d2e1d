// SPDX-License-Identifier: Apache-2.0
// A product that looks at camera frames and never trained: inspect CHECKPOINT
// Several threads share one Predictor; each gives it the middle of its own frame without a copy.
#include <evenkeel/core.h>

#include <array>
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "stripes.h"

namespace ek = evenkeel;

namespace {

constexpr std::uint32_t kCameras = 3;
constexpr std::uint32_t kFrames = 50;  // of each

// The part of a frame that the network sees, where it lies.
ek::ImageView view_of(const std::vector<std::uint8_t>& frame) {
  const std::size_t first =
      static_cast<std::size_t>(stripes::kTop * stripes::kFrameWidth + stripes::kLeft);
  return {std::span(frame).subspan(first), {.count = 1, .row_stride = stripes::kFrameWidth}};
}

int watch(const ek::Predictor& predictor, std::uint32_t camera) {
  int right = 0;
  std::array<float, 2> probabilities{};
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    const bool standing = (i + camera) % 2 == 1;
    const std::vector<std::uint8_t> frame = stripes::frame(1000 * camera + i, standing);
    predictor.probabilities(view_of(frame), probabilities);
    right += (probabilities[1] > 0.5F) == standing ? 1 : 0;
  }
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " CHECKPOINT\n";
    return 2;
  }
  try {
    // One thread a call: the cameras are the parallelism.
    const ek::Predictor predictor = ek::Predictor::load(argv[1], {.threads = 1});
    std::atomic<int> right = 0;
    {
      std::vector<std::jthread> cameras;
      for (std::uint32_t camera = 0; camera < kCameras; ++camera)
        cameras.emplace_back([&, camera] { right += watch(predictor, camera); });
    }
    std::cout << right << " of " << kCameras * kFrames << " frames right\n";
    return right >= static_cast<int>(kCameras * kFrames * 9 / 10) ? 0 : 1;
  } catch (const ek::DataError& error) {
    std::cerr << "no usable checkpoint: " << error.what() << "\n";
    return 3;
  } catch (const ek::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
