// SPDX-License-Identifier: Apache-2.0
// One file of a set known by name, checked.
#pragma once

#include <cstddef>

#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/locate.h"
#include "evenkeel/data/verify.h"

namespace evenkeel::datasets {

// Of KnownSet::files; one that is not there has the problem "is missing".
FileReport check_file(const KnownSet& set, const Located& located, std::size_t file);

}  // namespace evenkeel::datasets
