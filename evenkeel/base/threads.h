// SPDX-License-Identifier: Apache-2.0
// Runs lanes on threads: the only place that opens a parallel region.
#pragma once

#include <cstdint>
#include <span>

#include "evenkeel/base/export.h"
#include "evenkeel/base/float_mode.h"

namespace evenkeel {

// A non-owning reference to `void(int worker, int64 begin, int64 end)`: no allocation in a step.
class LaneFunction {
 public:
  template <typename F>
  LaneFunction(const F& function)
      : object_(&function),
        call_([](const void* object, int worker, std::int64_t begin, std::int64_t end) {
          (*static_cast<const F*>(object))(worker, begin, end);
        }) {}
  void operator()(int worker, std::int64_t begin, std::int64_t end) const {
    call_(object_, worker, begin, end);
  }

 private:
  const void* object_;
  void (*call_)(const void*, int, std::int64_t, std::int64_t);
};

// Cuts lanes [0, lanes) into at most `threads` consecutive parts and runs each on one thread;
// returns after the last. With one part nothing is opened. `function` must not throw.
EVENKEEL_API void run_lanes(int threads, std::int64_t lanes, LaneFunction function);

// While it lives, this thread and those of its regions compute in the default mode; then each in
// its own again. `before` has a place for each thread that a region may have.
class EVENKEEL_API RegionFloatMode {
 public:
  explicit RegionFloatMode(std::span<FloatMode> before);
  ~RegionFloatMode();
  RegionFloatMode(const RegionFloatMode&) = delete;
  RegionFloatMode& operator=(const RegionFloatMode&) = delete;

 private:
  std::span<FloatMode> before_;
};

// How many threads the machine gives us by default: its cores, or OMP_NUM_THREADS.
EVENKEEL_API int default_threads();

}  // namespace evenkeel
