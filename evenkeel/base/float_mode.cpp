// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/float_mode.h"

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace evenkeel {

#if defined(__x86_64__) || defined(__i386__)

FloatMode float_mode() { return _mm_getcsr(); }
void set_float_mode(FloatMode mode) { _mm_setcsr(static_cast<unsigned>(mode)); }

#elif defined(__aarch64__)

FloatMode float_mode() {
  FloatMode mode = 0;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
void set_float_mode(FloatMode mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }

#else

FloatMode float_mode() { return 0; }
void set_float_mode(FloatMode) {}

#endif

}  // namespace evenkeel
