// SPDX-License-Identifier: Apache-2.0
// Regions on threads of our own, where OpenMP is not to be had or not to be used: ThreadSanitizer
// cannot see into its barriers. CMake builds this file or threads_openmp.cpp, EVENKEEL_THREADS says
// which.
#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "evenkeel/base/os.h"
#include "evenkeel/base/threads.h"

namespace evenkeel {
namespace {

// One call of run_lanes, on its caller's stack. Its parts are handed out in order; everything but
// the first three members is guarded by the pool's mutex.
struct Region {
  LaneFunction function;
  std::int64_t lanes;
  int parts;
  int next = 0;     // the first part that nobody has taken
  int running = 0;  // parts taken by the pool's threads and not done
  Region* behind = nullptr;
  std::condition_variable done = {};

  void run(int part) const {
    const std::int64_t begin = lanes * part / parts;
    const std::int64_t end = lanes * (part + 1) / parts;
    function(part, begin, end);
  }
};

// Threads that help any caller. A caller takes parts of its own region too and waits only for those
// that run already, so regions in regions and callers on many threads all come to their end,
// however few threads there are.
class Pool {
 public:
  void run(Region& region) {
    std::unique_lock lock(mutex_);
    grow(region.parts - 1);
    append(region);
    wake_.notify_all();
    while (region.next < region.parts) {
      const int part = take(region);
      lock.unlock();
      region.run(part);
      lock.lock();
    }
    region.done.wait(lock, [&] { return region.running == 0; });
  }

 private:
  // Fewer threads than wanted are slower and no fault: the system may grant no more.
  void grow(int helpers) {
    try {
      while (threads_.size() < static_cast<std::size_t>(helpers))
        threads_.emplace_back([this](const std::stop_token& stop) { help(stop); });
    } catch (const std::exception&) {
    }
  }

  void help(const std::stop_token& stop) {
    // Nobody else's thread: it would have the mode of whoever made it.
    set_float_mode(kDefaultFloatMode);
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [&] { return first_ != nullptr; })) {
      Region& region = *first_;
      const int part = take(region);
      ++region.running;
      lock.unlock();
      region.run(part);
      lock.lock();
      // Under the lock: once its caller sees 0 the region is gone.
      if (--region.running == 0) region.done.notify_one();
    }
  }

  void append(Region& region) {
    Region** end = &first_;
    while (*end != nullptr) end = &(*end)->behind;
    *end = &region;
  }
  // The region's next part; with its last one it leaves the queue.
  int take(Region& region) {
    if (region.next + 1 == region.parts) {
      Region** link = &first_;
      while (*link != &region) link = &(*link)->behind;
      *link = region.behind;
    }
    return region.next++;
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  Region* first_ = nullptr;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace

void run_lanes(int threads, std::int64_t lanes, LaneFunction function) {
  const int parts = static_cast<int>(std::min<std::int64_t>(threads, lanes));
  if (parts <= 1) {
    if (lanes > 0) function(0, 0, lanes);
    return;
  }
  static Pool pool;
  Region region{function, lanes, parts};
  pool.run(region);
}

RegionFloatMode::RegionFloatMode(std::span<FloatMode> before) : before_(before) {
  before[0] = float_mode();
  set_float_mode(kDefaultFloatMode);
}

RegionFloatMode::~RegionFloatMode() { set_float_mode(before_[0]); }

int default_threads() {
  const std::string asked = os::environment("OMP_NUM_THREADS").value_or("");
  int threads = 0;
  std::from_chars(asked.data(), asked.data() + asked.size(), threads);
  return threads > 0 ? threads : os::usable_processors();
}

}  // namespace evenkeel
