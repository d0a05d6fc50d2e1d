// SPDX-License-Identifier: Apache-2.0
// The floating-point mode of a thread: rounding, traps, and whether denormals count as zero. All
// results are defined for one mode; a caller's own is left as it was.
#pragma once

#include <cstdint>

#include "evenkeel/base/export.h"

namespace evenkeel {

// A thread's control register: MXCSR on x86, FPCR on ARM; 0 on other machines, where the mode is
// not touched.
using FloatMode = std::uint64_t;
EVENKEEL_API FloatMode float_mode();
EVENKEEL_API void set_float_mode(FloatMode mode);

// Round to nearest, denormals on, no traps.
#if defined(__x86_64__) || defined(__i386__)
inline constexpr FloatMode kDefaultFloatMode = 0x1F80;
#else
inline constexpr FloatMode kDefaultFloatMode = 0;
#endif

// While it lives this thread computes in the default mode; then in its own again. Threads of a
// region are base/threads.h's business.
class DefaultFloatMode {
 public:
  DefaultFloatMode() : before_(float_mode()) { set_float_mode(kDefaultFloatMode); }
  ~DefaultFloatMode() { set_float_mode(before_); }
  DefaultFloatMode(const DefaultFloatMode&) = delete;
  DefaultFloatMode& operator=(const DefaultFloatMode&) = delete;

 private:
  FloatMode before_;
};

}  // namespace evenkeel
