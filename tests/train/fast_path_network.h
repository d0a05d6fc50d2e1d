// SPDX-License-Identifier: Apache-2.0
// Small networks of odd sizes whose step takes the fast kernels: tiles of 3 x 3 kernels, spectra of
// 5 x 5, fused poolings, statistics in slices.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "evenkeel/compile/plan.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/sequential.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {

// The kernels that make the path fast.
inline constexpr std::array kFastKernels = {
    "native/winograd_conv2d", "native/fused/winograd_conv2d_grad_kernel", "native/spectral_conv2d",
    "native/spectral_conv2d_grad_kernel"};

// Maps that tiles do not fill, filters that no vector length divides, batches that leave a shorter
// last slice: of all these the passes take the fast kernels.
struct FastPathShape {
  std::int64_t H = 15, W = 19, C = 1;                  // H, W: 15 or 19
  std::array<std::int64_t, 3> filters = {27, 29, 35};  // 27 to 31, 27 to 31, 35 to 41
  std::int64_t batch = 13;                             // 12 to 23
};

inline Model fast_path_model(const FastPathShape& z) {
  return Sequential("fast-path", image(z.H, z.W, z.C).scale(1 / 255.0))
      .conv2d(z.filters[0], 3, {.padding = Padding::same, .bias = false})
      .batch_norm()
      .relu()
      .conv2d(z.filters[1], 3, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .batch_norm()
      .conv2d(z.filters[2], 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm()
      .dense(17, {.activation = Activation::relu})
      .dense(10)
      .build();
}

// `count` images of noise.
inline Dataset noise_images(const Shape& image, std::int64_t count, std::int64_t classes,
                            Draw& draw) {
  Tensor images(DType::u8, {count, image[0], image[1], image[2]});
  for (std::uint8_t& pixel : images.values<std::uint8_t>())
    pixel = static_cast<std::uint8_t>(draw.integer(0, 255));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::int32_t& label : labels)
    label = static_cast<std::int32_t>(draw.integer(0, classes - 1));
  return Dataset("noise", images, labels, classes);
}

// The first of the fast kernels that the plan does not call; "" where it calls them all.
inline std::string missing_fast_kernel(const Plan& plan) {
  for (const char* kernel : kFastKernels) {
    const auto calls = [&](const Phase& phase) {
      return std::any_of(phase.steps.begin(), phase.steps.end(),
                         [&](const Step& step) { return step.kernel == kernel; });
    };
    if (std::none_of(plan.run.begin(), plan.run.end(), calls)) return kernel;
  }
  return "";
}

}  // namespace evenkeel::test
