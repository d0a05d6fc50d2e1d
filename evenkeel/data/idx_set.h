// SPDX-License-Identifier: Apache-2.0
// The sets that come as four IDX files of 28x28 grey images.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "evenkeel/data/dataset.h"
#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/locate.h"
#include "evenkeel/formats/idx.h"

namespace evenkeel::datasets {

// What every file is held to, on every load. DataError naming `where`.
IdxView check_idx_file(std::span<const std::byte> bytes, std::size_t role,
                       const std::string& where);

// Validation is TensorFlow's: the first 5,000 images (of a smaller set its first twelfth), or as
// `options` say.
Splits load_idx_set(const KnownSet& set, const Located& located, const DatasetOptions& options);

}  // namespace evenkeel::datasets
