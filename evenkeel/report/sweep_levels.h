// SPDX-License-Identifier: Apache-2.0
// The values of a sweep's parameter as few enough places to draw.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "evenkeel/study/sweep/folder.h"

namespace evenkeel::sweep {

struct SweepLevels {
  std::string key;
  std::vector<std::string> names;            // in order of size, words in the order of the plan
  std::map<std::string, std::size_t> level;  // of each value that a run has
};

// Each value by itself where there are at most `most`, or where they are words; else equally wide
// bins, in logarithms where the range was given so: "0.001 – 0.01".
SweepLevels levels_of(const sweep::Sweep& sweep, std::size_t parameter, std::size_t most);

}  // namespace evenkeel::sweep
