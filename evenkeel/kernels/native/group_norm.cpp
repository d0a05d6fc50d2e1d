// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/group_norm.h"

#include "evenkeel/kernels/native/entries.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/group_norm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/group_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// y = (x - center) scale + shift.
struct Affine {
  float center[kWidth], scale[kWidth], shift[kWidth];
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, V, size_t i) const {
    const V centred = hn::Sub(x, hn::LoadU(d, center + i));
    return hn::Add(hn::Mul(centred, hn::LoadU(d, scale + i)), hn::LoadU(d, shift + i));
  }
};

// x, y, gamma, beta: at the span's first channel.
HWY_INLINE void normalise(const Span& span, const float* x, const float* gamma, const float* beta,
                          double epsilon, float* y) {
  GroupStatistics s;
  group_statistics(span, x, epsilon, s);
  for (size_t c = 0; c < span.channels; c += kWidth) {
    const size_t width = HWY_MIN(kWidth, span.channels - c);
    Affine affine = {};
    s.centers(span, c, affine.center);
    for (size_t i = 0; i < width; ++i) {
      const size_t g = (c + i) / span.group;
      const double scale = gamma[c + i] * s.inverse[g];
      affine.scale[i] = static_cast<float>(scale);
      affine.shift[i] = static_cast<float>(beta[c + i] - s.left[g] * scale);
    }
    map_channels(span, width, x + c, x + c, y + c, affine);
  }
}

// x, y: [samples, rows, C]; gamma, beta: [C].
void group_norm_f32(const float* x, const float* gamma, const float* beta, double epsilon, float* y,
                    const GroupExtents& extents) {
  for (size_t n = 0; n < extents.samples; ++n) {
    const size_t at = n * extents.rows * extents.channels;
    each_span(extents.rows, extents.channels, extents.groups, [&](const Span& span, size_t c) {
      normalise(span, x + at + c, gamma + c, beta + c, epsilon, y + at + c);
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(group_norm_f32);

struct GroupNormKernel : GroupNormLane<GroupNorm> {
  static constexpr std::string_view name = "native/group_norm";
  static constexpr std::array in_place = {InPlace{0, 0}};
  using GroupNormLane::GroupNormLane;
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(group_norm_f32)
    (in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), epsilon, out<float>(args, 0),
     extents);
  }
};

}  // namespace

KernelEntry group_norm() { return entry_of<GroupNormKernel>(); }

}  // namespace evenkeel::native
#endif
