// SPDX-License-Identifier: Apache-2.0
// CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009, cs.toronto.edu):
// records of one label byte (CIFAR-100: the coarse, then the fine label, of which the fine one is
// the class), then 32x32 bytes of red, of green and of blue.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "evenkeel/data/dataset.h"
#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/locate.h"

namespace evenkeel::datasets {

// Whole records, at least one, with labels of the set. DataError naming `where`.
void check_cifar_file(std::span<const std::byte> bytes, const KnownSet& set,
                      const std::string& where);

// Validation is the last 5,000 images of the training batches in their order (of a smaller set the
// last twelfth), or as `options` say.
Splits load_cifar_set(const KnownSet& set, const Located& located, const DatasetOptions& options);

}  // namespace evenkeel::datasets
