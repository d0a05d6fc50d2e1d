// Networks that are ready to use, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/model/model.h"

namespace evenkeel {

// The reference network: 28x28x1 -> conv 5x5x32 same ReLU -> max-pool 2 -> conv 5x5x64 same ReLU ->
// max-pool 2 -> flatten 3136 -> batch norm -> dense 1024 ReLU -> dense 10.
// tf_statistics: moving statistics by TensorFlow's plain rule, keep 0.99 from the first update.
EVENKEEL_API Model mnist_cnn(bool tf_statistics = false);

EVENKEEL_API std::vector<std::string> network_names();
// InvalidArgument with the nearest name for an unknown one.
EVENKEEL_API Model network(std::string_view name);

}  // namespace evenkeel
