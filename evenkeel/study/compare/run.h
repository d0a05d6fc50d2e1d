// SPDX-License-Identifier: Apache-2.0
// One run of a comparison, from its first step to its record.
#pragma once

#include <functional>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/study/compare/record.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {

// Hears of completed steps, after each.
using OnStep = std::function<void(std::int64_t)>;

// A run that diverges is a record like any other.
RunRecord make_run(const Study& study, const Run& run, const Splits& data,
                   const OnStep& on_step = {});

// `count` steps from 1 to `steps`, closer together at the start; the last is `steps`.
std::vector<std::int64_t> moments_of(std::int64_t steps, std::int64_t count);

// Seconds that one step of each alternative takes, the median of a few, measured in turns.
std::vector<double> time_alternatives(const Study& study, const Dataset& data);

}  // namespace evenkeel::compare
