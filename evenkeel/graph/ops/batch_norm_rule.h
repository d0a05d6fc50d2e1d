// SPDX-License-Identifier: Apache-2.0
// What the shape rules of batch norm's ops have in common.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

void require_epsilon(const ShapeScope& in, double epsilon);
void require_keep(const ShapeScope& in, double keep, bool count_weighted);
// Groups of `size` of `samples`, kBatch where that is not bound yet.
void require_groups(const ShapeScope& in, std::int64_t size, std::int64_t samples);

// The channels C of input 0, which must be x: [..,C].
Shape channels(const ShapeScope& in);
// Of what is summed over x: [C], or [N,C] of each sample.
Shape sums(const ShapeScope& in, bool each_sample);

// Inputs [first, first + count) of x's dtype with one value per channel.
void require_channels(const ShapeScope& in, std::size_t first, std::size_t count, const Shape& C);
// Inputs first, first + 1, first + 2: count, mean, M2, f64 whatever x is.
void require_moments(const ShapeScope& in, std::size_t first, const Shape& shape);
// The same of x, as one of the whole or one for each sample; true for the latter.
bool require_moments_of_x(const ShapeScope& in, std::size_t first);

// count, mean, M2 as outputs.
Types moments_of(const Shape& shape);

}  // namespace evenkeel
