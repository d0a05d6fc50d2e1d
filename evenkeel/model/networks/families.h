// SPDX-License-Identifier: Apache-2.0
// What networks.cpp needs of each network besides its public function.
#pragma once

#include <algorithm>
#include <cmath>

#include "evenkeel/model/model.h"
#include "evenkeel/model/options.h"

namespace evenkeel {

// `count` channels or units in a network of that width.
inline std::int64_t widened(std::int64_t count, double width) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(count) * width));
}

Model mnist_99_for(const ImageInput& input, std::int64_t classes, double width);
Model mnist_cnn_for(const ImageInput& input, std::int64_t classes, bool tf_statistics,
                    double width);

}  // namespace evenkeel
