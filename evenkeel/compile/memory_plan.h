// SPDX-License-Identifier: Apache-2.0
// Where each buffer lies in one arena. A pure function of sizes and lifetimes.
#pragma once

#include <cstdint>
#include <vector>

namespace evenkeel {

// A buffer needed from time `first` to time `last`, both included.
struct Lifetime {
  std::int64_t bytes = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct MemoryPlan {
  std::vector<std::int64_t> offsets;  // 64-byte aligned
  std::int64_t bytes = 0;
};

// Buffers whose lifetimes overlap never share a byte. Largest first, each at the lowest place free
// over its lifetime.
MemoryPlan plan_memory(const std::vector<Lifetime>& buffers);

}  // namespace evenkeel
