// SPDX-License-Identifier: Apache-2.0
// The images that training steps are fed with: augmented, and made ready ahead where asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "evenkeel/data/augment.h"
#include "evenkeel/data/batch_loader.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel {

struct TrainingImagesOptions {
  Augmentation augmentation = {};
  std::uint64_t seed = 0;       // of the augmentation and of the order of the images
  std::int64_t batch_size = 0;  // images of a part
  std::int64_t parts = 1;       // of a step: as many micro-batches have their gradients averaged
  std::int64_t first_step = 0;
  std::int64_t end_step = 0;  // behind the last
  std::optional<int> loaders = {};
};

// The bytes are a function of (seed, step, place in the step's batch, image) alone.
class TrainingImages {
 public:
  // InvalidArgument for an augmentation that makes no sense for these images, or loaders below 0.
  TrainingImages(Dataset data, const TrainingImagesOptions& options);

  // The images of `indices`, part `part` of step `step`, into `out`. Any step may be asked for: one
  // that no loader has ready, or for other indices than BatchSampler gives, is made on the spot.
  void copy(std::int64_t step, std::int64_t part, std::span<const std::int64_t> indices,
            std::span<std::uint8_t> out);

 private:
  Dataset data_;
  TrainingImagesOptions options_;
  std::optional<BatchLoader> loader_;
};

}  // namespace evenkeel
