// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/threads.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

namespace evenkeel {
namespace {

struct Part {
  int worker = 0;
  std::int64_t begin = 0, end = 0;
  bool operator<(const Part& other) const { return begin < other.begin; }
};

std::set<Part> parts_of(int threads, std::int64_t lanes) {
  std::mutex mutex;
  std::set<Part> parts;
  run_lanes(threads, lanes, [&](int worker, std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    parts.insert({worker, begin, end});
  });
  return parts;
}

// Runs 1 + 2 + ... + lanes with a plain sum for each worker, which no two threads may share.
std::int64_t sum_by_workers(int threads, std::int64_t lanes) {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(threads));
  run_lanes(threads, lanes, [&](int worker, std::int64_t begin, std::int64_t end) {
    for (std::int64_t lane = begin; lane < end; ++lane)
      sums[static_cast<std::size_t>(worker)] += lane + 1;
  });
  return std::accumulate(sums.begin(), sums.end(), std::int64_t{0});
}

TEST(RunLanes, gives_each_worker_one_consecutive_part) {
  for (const int threads : {1, 2, 3, 4, 7})
    for (const std::int64_t lanes : {1, 2, 3, 5, 64}) {
      std::int64_t reached = 0;
      std::set<int> workers;
      for (const Part& part : parts_of(threads, lanes)) {
        EXPECT_EQ(part.begin, reached);
        EXPECT_LT(part.begin, part.end);
        EXPECT_GE(part.worker, 0);
        EXPECT_LT(part.worker, threads);
        EXPECT_TRUE(workers.insert(part.worker).second) << part.worker;
        reached = part.end;
      }
      EXPECT_EQ(reached, lanes) << threads << " threads";
    }
}

TEST(RunLanes, runs_nothing_for_no_lanes) {
  EXPECT_TRUE(parts_of(4, 0).empty());
  EXPECT_TRUE(parts_of(1, 0).empty());
}

TEST(RunLanes, runs_one_lane_on_the_thread_that_calls) {
  std::thread::id here;
  run_lanes(4, 1, [&](int, std::int64_t, std::int64_t) { here = std::this_thread::get_id(); });
  EXPECT_EQ(here, std::this_thread::get_id());
}

TEST(RunLanes, has_seen_all_writes_when_it_returns) {
  for (int repeat = 0; repeat < 200; ++repeat) ASSERT_EQ(sum_by_workers(3, 100), 5050);
}

TEST(RunLanes, serves_many_callers_at_once) {
  constexpr int kCallers = 6;
  std::array<std::int64_t, kCallers> sums{};
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < kCallers; ++caller)
      callers.emplace_back([&, caller] {
        for (int repeat = 0; repeat < 50; ++repeat)
          sums[static_cast<std::size_t>(caller)] += sum_by_workers(1 + caller % 4, 20 + caller);
      });
  }
  for (int caller = 0; caller < kCallers; ++caller)
    EXPECT_EQ(sums[static_cast<std::size_t>(caller)],
              50 * std::int64_t{20 + caller} * (21 + caller) / 2);
}

TEST(RunLanes, may_be_called_from_a_lane) {
  std::atomic<std::int64_t> sum = 0;
  run_lanes(3, 6, [&](int, std::int64_t begin, std::int64_t end) {
    for (std::int64_t lane = begin; lane < end; ++lane) sum += sum_by_workers(3, 10);
  });
  EXPECT_EQ(sum, 6 * 55);
}

TEST(DefaultThreads, is_at_least_one) { EXPECT_GE(default_threads(), 1); }

}  // namespace
}  // namespace evenkeel
