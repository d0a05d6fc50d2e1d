// SPDX-License-Identifier: Apache-2.0
// Mean and deviation of each channel over all pixels of a data set, for ImageInput::normalise.
#pragma once

#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/options.h"

namespace evenkeel {

struct ChannelStatistics {
  std::vector<double> mean;       // one a channel
  std::vector<double> deviation;  // of all pixels (divided by their number); 0 where all are alike
};

// Of pixels times `factor`, from exact counts of the 256 values, going through the images once.
// InvalidArgument for a set without images.
EVENKEEL_API ChannelStatistics channel_statistics(const Dataset& data, double factor = 1);

// `input` normalised by the statistics of these images, which are to be the training images alone:
//   resnet({.input = normalised(image(32, 32, 3).scale(1 / 255.0), splits.train)})
// A channel that is the same everywhere becomes 0. InvalidArgument for images of another size.
EVENKEEL_API ImageInput normalised(const ImageInput& input, const Dataset& training);

}  // namespace evenkeel
