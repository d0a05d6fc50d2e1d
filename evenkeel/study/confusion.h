// SPDX-License-Identifier: Apache-2.0
// Which classes a network takes for which, and the images that it is most wrong about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/image.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/predictor.h"

namespace evenkeel {

struct Confusion {
  std::int64_t images = 0;
  std::int64_t classes = 0;
  std::int64_t correct = 0;
  double loss = 0;                   // mean over the images
  std::vector<std::int64_t> counts;  // [true class, predicted class]

  std::int64_t count(std::int64_t label, std::int64_t predicted) const {
    return counts[static_cast<std::size_t>(label * classes + predicted)];
  }
  double accuracy() const;
  std::int64_t images_of(std::int64_t label) const;
  // Of the images of a class, those that were found; of those that were taken for it, those that
  // are of it. NaN of none.
  double recall(std::int64_t label) const;
  double precision(std::int64_t label) const;
};

struct Mistake {
  std::int64_t index = 0;  // in its split
  std::int64_t label = 0;
  std::int64_t predicted = 0;
  double label_probability = 0;  // with mean_squared_error: the outputs themselves
  double predicted_probability = 0;
  double loss = 0;
  Image picture;  // of images with neither 1 nor 3 channels the first one, as grey
};

struct Judged {
  Confusion confusion;
  std::vector<Mistake> worst;  // the largest loss first; images in the right class are no mistakes
};

// All of `data`. InvalidArgument where they do not fit the network; RuntimeFailure for an output
// that is not finite.
EVENKEEL_API Judged judge(const Predictor& predictor, Loss loss, const Dataset& data,
                          std::size_t most_mistakes);

}  // namespace evenkeel
