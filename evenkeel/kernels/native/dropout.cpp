// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/dropout_mask.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/dropout.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// The elements [begin, end) of one sample one by one; x, y: the sample.
void drop_plainly(const DropoutMask& mask, int64_t sample, const float* x, float* y, int64_t begin,
                  int64_t end, float scale) {
  mask.for_each(sample, begin, end,
                [&](int64_t i, bool keeps) { y[i] = keeps ? x[i] * scale : 0.0F; });
}

#if HWY_TARGET == HWY_SCALAR
void drop_f32(const DropoutMask& mask, int64_t sample, const float* x, float* y, int64_t begin,
              int64_t end, float scale) {
  drop_plainly(mask, sample, x, y, begin, end, scale);
}
#else
// The same by whole vectors of Philox blocks, of four elements each.
void drop_f32(const DropoutMask& mask, int64_t sample, const float* x, float* y, int64_t begin,
              int64_t end, float scale) {
  constexpr size_t kMostLanes = 16;
  const hn::CappedTag<uint32_t, kMostLanes> d;
  const hn::RebindToFloat<decltype(d)> df;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN uint32_t words[4 * kMostLanes];
  // A rate next to 1 drops every word.
  const int64_t first = mask.below() >> 32 == 0 ? HWY_MIN((begin + 3) / 4 * 4, end) : end;
  drop_plainly(mask, sample, x, y, begin, first, scale);
  int64_t i = first;
  for (; i + 4 * lanes <= end; i += 4 * lanes) {
    auto c0 = hn::Iota(d, static_cast<uint32_t>(i / 4));
    auto c1 = hn::Set(d, static_cast<uint32_t>(sample));
    auto c2 = hn::Set(d, mask.step());
    auto c3 = hn::Set(d, mask.stream());
    philox_lanes(d, c0, c1, c2, c3, mask.key()[0], mask.key()[1]);
    hn::StoreInterleaved4(c0, c1, c2, c3, d, words);
    for (int64_t part = 0; part < 4; ++part) {
      const auto drops = hn::Lt(hn::Load(d, words + part * lanes),
                                hn::Set(d, static_cast<uint32_t>(mask.below())));
      const auto kept = hn::Mul(hn::LoadU(df, x + i + part * lanes), hn::Set(df, scale));
      hn::StoreU(hn::IfThenZeroElse(hn::RebindMask(df, drops), kept), df, y + i + part * lanes);
    }
  }
  drop_plainly(mask, sample, x, y, i, end, scale);
}
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(drop_f32);

// x, y: [N,..], seed, step: i64[], samples: i64[N].
struct DropoutApplyKernel : ElementwiseKernel {
  using Op = DropoutApply;
  static constexpr std::string_view name = "native/dropout_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) {
    for (std::size_t i = 1; i < 4; ++i)
      if (!is_dense(call.inputs[i], DType::i64)) return false;
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.outputs[0], DType::f32);
  }
  explicit DropoutApplyKernel(const Call& call)
      : ElementwiseKernel(call),
        op(std::get<Op>(call.op)),
        each(call.inputs[0].shape.elements_per_sample()) {}
  void run(const Args& args, Range range) const {
    const DropoutMask mask(op.rate, op.stream, *in<std::int64_t>(args, 1),
                           *in<std::int64_t>(args, 2));
    const auto scale = static_cast<float>(1 / (1 - op.rate));
    const Elements e = elements(range);
    const auto end = static_cast<std::int64_t>(e.end);
    for (auto at = static_cast<std::int64_t>(e.begin); at < end;) {
      const std::int64_t n = at / each;
      const float* x = in<float>(args, 0) + n * each;
      float* y = out<float>(args, 0) + n * each;
      const std::int64_t last = std::min(end - n * each, each);
      HWY_DYNAMIC_DISPATCH(drop_f32)
      (mask, in<std::int64_t>(args, 3)[n], x, y, at - n * each, last, scale);
      at = n * each + last;
    }
  }
  DropoutApply op;
  std::int64_t each;  // elements of a sample
};

}  // namespace

KernelEntry dropout_apply() { return entry_of<DropoutApplyKernel>(); }

}  // namespace evenkeel::native
#endif
