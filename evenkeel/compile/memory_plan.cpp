// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/memory_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "evenkeel/base/buffer.h"

namespace evenkeel {

MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return buffers[a].bytes > buffers[b].bytes;
  });
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> placed;
  for (const std::size_t at : order) {
    const Lifetime& buffer = buffers[at];
    const auto bytes = static_cast<std::int64_t>(align_up(static_cast<std::size_t>(buffer.bytes)));
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;
    for (const std::size_t other : placed) {
      if (buffers[other].last < buffer.first || buffer.last < buffers[other].first) continue;
      taken.emplace_back(plan.offsets[other], plan.offsets[other] + buffers[other].bytes);
    }
    std::sort(taken.begin(), taken.end());
    std::int64_t offset = 0;
    for (const auto& [begin, end] : taken) {
      if (offset + bytes <= begin) break;
      offset = std::max(offset, static_cast<std::int64_t>(align_up(static_cast<std::size_t>(end))));
    }
    plan.offsets[at] = offset;
    plan.bytes = std::max(plan.bytes, offset + bytes);
    placed.push_back(at);
  }
  return plan;
}

}  // namespace evenkeel
