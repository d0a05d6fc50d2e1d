// SPDX-License-Identifier: Apache-2.0
// The statistics that batch norm predicts with, computed over images in place of the average that
// training keeps of its batches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

// The images are the first of the data in the order that `seed` gives, and run forward once, as
// they do in training: each batch norm normalises by its batch, so that those behind it see what
// they saw in training. The moments of every batch norm's input are merged over all images, each
// counted once, or by its weight where the layer weighs samples. Dropout is left out, as in
// prediction. A rest smaller than a batch is a batch of its own, or where that would give a channel
// a single value, part of the last one; what fills no whole group of a ghost batch norm is left
// out.
struct RecalibrateOptions {
  std::int64_t images = 8192;              // rounded up to whole batches; at most all there are
  std::int64_t batch_size = 0;             // 0: the trainer's, 128 where it has none yet
  std::optional<std::uint64_t> seed = {};  // empty: the trainer's
};

// One batch norm, by channel.
struct RecalibratedLayer {
  std::string layer;
  double count = 0;  // values per channel: images, or their weights, times places
  std::vector<double> mean;
  std::vector<double> variance;     // population's or sample's, as the layer stores it
  std::vector<double> mean_before;  // what predictions had
  std::vector<double> variance_before;
  double epsilon = 0;
};

struct Recalibration {
  std::int64_t images = 0;
  std::int64_t batch_size = 0;
  std::vector<RecalibratedLayer> layers;  // in the network's order; none that is frozen
};

// How far a layer's statistics have moved, over its channels: the mean in standard deviations (the
// root of the new variance + epsilon), the deviation as the larger of the two by the smaller.
struct StatisticsShift {
  double median_mean = 0;
  double largest_mean = 0;
  double median_deviation = 1;
  double largest_deviation = 1;
};
EVENKEEL_API StatisticsShift shift_of(const RecalibratedLayer& layer);

}  // namespace evenkeel
