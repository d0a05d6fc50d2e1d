// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/group_norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/group_norm_grad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/group_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

struct AddGradients {
  Tile x, dy;
  size_t c;
  const float* center;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& products) const {
    const V g = hn::LoadU(d, dy.x + r * dy.stride + c);
    const V centred = hn::Sub(hn::LoadU(d, x.x + r * x.stride + c), hn::LoadU(d, center + c));
    sum = hn::Add(sum, g);
    products = hn::Add(products, hn::Mul(g, centred));
  }
};

// dx = scale dy - offset - (x - center) slope.
struct Gradient {
  float center[kWidth], scale[kWidth], offset[kWidth], slope[kWidth];
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, V dy, size_t i) const {
    const V centred = hn::Sub(x, hn::LoadU(d, center + i));
    const V less = hn::Sub(hn::Mul(dy, hn::LoadU(d, scale + i)), hn::LoadU(d, offset + i));
    return hn::Sub(less, hn::Mul(centred, hn::LoadU(d, slope + i)));
  }
};

// Over each group, of g = gamma dy: sum g, and sum g (x - mean).
struct GroupSums {
  double g[kWidth] = {};
  double products[kWidth] = {};
};

// dbeta, dgamma: at the span's first channel, as all others.
HWY_INLINE void sum_gradients(const Span& span, const float* dy, const float* x, const float* gamma,
                              const GroupStatistics& s, float* dbeta, float* dgamma,
                              GroupSums& sums) {
  float center[kWidth];
  double totals[2][kWidth];
  for (size_t c = 0; c < span.channels; c += kWidth) {
    const size_t width = HWY_MIN(kWidth, span.channels - c);
    s.centers(span, c, center);
    channel_sums<2, AddGradients>(span, width, x + c, dy + c, center, totals);
    for (size_t i = 0; i < width; ++i) {
      const size_t g = (c + i) / span.group;
      const double products = totals[1][i] - s.left[g] * totals[0][i];
      sums.g[g] += gamma[c + i] * totals[0][i];
      sums.products[g] += gamma[c + i] * products;
      dbeta[c + i] = static_cast<float>(totals[0][i]);
      dgamma[c + i] = static_cast<float>(products * s.inverse[g]);
    }
  }
}

HWY_INLINE void map_gradients(const Span& span, const float* dy, const float* x, const float* gamma,
                              const GroupStatistics& s, const GroupSums& sums, float* dx) {
  const double count = span.count();
  for (size_t c = 0; c < span.channels; c += kWidth) {
    const size_t width = HWY_MIN(kWidth, span.channels - c);
    Gradient k = {};
    s.centers(span, c, k.center);
    for (size_t i = 0; i < width; ++i) {
      const size_t g = (c + i) / span.group;
      const double inverse = s.inverse[g];
      const double slope = inverse * inverse * inverse * sums.products[g] / count;
      k.scale[i] = static_cast<float>(gamma[c + i] * inverse);
      k.offset[i] = static_cast<float>(inverse * sums.g[g] / count - s.left[g] * slope);
      k.slope[i] = static_cast<float>(slope);
    }
    map_channels(span, width, x + c, dy + c, dx + c, k);
  }
}

// dy, x, dx: [samples, rows, C]; gamma: [C]; dbeta, dgamma: [samples, C].
void group_norm_grad_f32(const float* dy, const float* x, const float* gamma, double epsilon,
                         float* dx, float* dbeta, float* dgamma, const GroupExtents& extents) {
  const size_t C = extents.channels;
  for (size_t n = 0; n < extents.samples; ++n)
    each_span(extents.rows, C, extents.groups, [&](const Span& span, size_t c) {
      const size_t at = n * extents.rows * C + c;
      GroupStatistics s;
      GroupSums sums;
      group_statistics(span, x + at, epsilon, s);
      sum_gradients(span, dy + at, x + at, gamma + c, s, dbeta + n * C + c, dgamma + n * C + c,
                    sums);
      map_gradients(span, dy + at, x + at, gamma + c, s, sums, dx + at);
    });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(group_norm_grad_f32);

struct GroupNormGradKernel : GroupNormLane<GroupNormGrad> {
  static constexpr std::string_view name = "native/group_norm_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  using GroupNormLane::GroupNormLane;
  void run(const Args& args, Range) const {
    HWY_DYNAMIC_DISPATCH(group_norm_grad_f32)
    (in<float>(args, 0), in<float>(args, 1), in<float>(args, 2), epsilon, out<float>(args, 0),
     out<float>(args, 1), out<float>(args, 2), extents);
  }
};

}  // namespace

KernelEntry group_norm_grad() { return entry_of<GroupNormGradKernel>(); }

}  // namespace evenkeel::native
#endif
