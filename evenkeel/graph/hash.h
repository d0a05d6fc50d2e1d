// SPDX-License-Identifier: Apache-2.0
// Hashing of ops, for finding equal ones.
#pragma once

#include <cstddef>

#include "evenkeel/graph/op.h"

namespace evenkeel {

// Equal ops (same struct, same attributes) have equal hashes, within one process.
EVENKEEL_API std::size_t hash_of(const Op& op);

}  // namespace evenkeel
