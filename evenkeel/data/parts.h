// SPDX-License-Identifier: Apache-2.0
// The parts that a set's files make, and those that are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "evenkeel/data/dataset.h"

namespace evenkeel::datasets {

struct Parts {
  Dataset train;
  std::optional<Dataset> validation;  // none: the files do not have this part
  std::optional<Dataset> test;
};

// Images that sets known by name hold out: 5,000, of fewer than that a twelfth.
inline std::int64_t usual_validation(std::int64_t images) {
  return images > 5000 ? 5000 : images / 12;
}

// What is missing is drawn from `train` as `options` say, a tenth of it where they say nothing.
// InvalidArgument for sizes that make no sense, that leave nothing to train on, or that are asked
// of a part that is there; DataError for too few images where nothing
// was asked.
Splits divided(const Parts& parts, const DatasetOptions& options);

}  // namespace evenkeel::datasets
