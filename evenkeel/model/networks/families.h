// SPDX-License-Identifier: Apache-2.0
// What networks.cpp needs of each network besides its public function.
#pragma once

#include "evenkeel/model/model.h"
#include "evenkeel/model/options.h"

namespace evenkeel {

Model mnist_99_for(const ImageInput& input, std::int64_t classes);
Model mnist_cnn_for(const ImageInput& input, std::int64_t classes, bool tf_statistics);

}  // namespace evenkeel
