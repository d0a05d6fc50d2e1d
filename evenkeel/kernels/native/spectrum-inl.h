// SPDX-License-Identifier: Apache-2.0
// Vectors of channels of images and spectra, per instruction set.
#if defined(EVENKEEL_KERNELS_NATIVE_SPECTRUM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EVENKEEL_KERNELS_NATIVE_SPECTRUM_INL_H_
#undef EVENKEEL_KERNELS_NATIVE_SPECTRUM_INL_H_
#else
#define EVENKEEL_KERNELS_NATIVE_SPECTRUM_INL_H_
#endif

#include "evenkeel/kernels/native/fft.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<float, 16>;
using V = hn::Vec<Lanes>;

// A vector of channels of which the last ones may not exist.
HWY_INLINE V load_some(const float* x, size_t channels) {
  const Lanes d;
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return hn::LoadU(d, x);
  HWY_ALIGN float copy[hn::MaxLanes(Lanes())] = {};
  for (size_t c = 0; c < channels; ++c) copy[c] = x[c];
  return hn::Load(d, copy);
}
HWY_INLINE void store_some(V v, float* x, size_t channels) {
  const Lanes d;
  if (HWY_LIKELY(channels >= hn::Lanes(d))) return hn::StoreU(v, d, x);
  HWY_ALIGN float copy[hn::MaxLanes(Lanes())];
  hn::Store(v, d, copy);
  for (size_t c = 0; c < channels; ++c) x[c] = copy[c];
}

// What follows a vector of channels: those of the next cache line, or the first ones of the next
// image, so many floats on in pixels and in spectra. It is asked for early, because no processor
// foresees steps of a whole pixel or frequency.
struct Next {
  size_t pixels;
  size_t spectra;
};

// Behind the channels from c on, of [begin, end) of each image.
HWY_INLINE Next next_of(const Field& x, size_t F, size_t c, size_t begin, size_t end) {
  constexpr size_t kLine = 64 / sizeof(float);
  if (c + kLine < end) return {kLine, kLine};
  return {x.H * x.W * x.C + begin - c, F * 2 * x.C + begin - c};
}

// Frequencies one after the other from `first` on, of some channels of a spectrum [F,2,C].
template <typename T>
struct Frequencies {
  T* Z;
  size_t C;
  size_t channels;
  size_t first;
  size_t next;
  HWY_INLINE void load(size_t u, V& re, V& im) const {
    const T* at = Z + (first + u) * 2 * C;
    hwy::Prefetch(at + next);
    hwy::Prefetch(at + next + C);
    re = load_some(at, channels);
    im = load_some(at + C, channels);
  }
  HWY_INLINE void store(size_t u, V re, V im) const {
    T* at = Z + (first + u) * 2 * C;
    hwy::Prefetch(at + next);
    hwy::Prefetch(at + next + C);
    store_some(re, at, channels);
    store_some(im, at + C, channels);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#endif
