// SPDX-License-Identifier: Apache-2.0
// A kernel's spectrum as the three real factors of Gauss's product, in the order that products read
// them in.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/spectral_kernel.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kBlock = static_cast<size_t>(kKernelBlock);

// Numbers br + i bi of a block, `count` of them -> B0, B1 and B2, as many floats apart; with -bi
// for bi, B1 and B2 change places.
void gauss_factors(const float* br, const float* bi, size_t count, bool conjugate, float* B) {
  const hn::CappedTag<float, 16> d;
  float* negated_sum = B + (conjugate ? 2 : 1) * count;
  float* gap = B + (conjugate ? 1 : 2) * count;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto re = hn::LoadU(d, br + i);
    const auto im = hn::LoadU(d, bi + i);
    hn::StoreU(re, d, B + i);
    hn::StoreU(hn::Sub(hn::Zero(d), hn::Add(re, im)), d, negated_sum + i);
    hn::StoreU(hn::Sub(im, re), d, gap + i);
  }
}

// W: [F,2,C,K] -> B: [F,M,3,C,16], or transposed [F,M,3,K,16], of the frequencies [begin, end).
void spectral_kernel_f32(const float* W, float* B, size_t C, size_t K, bool conjugate,
                         bool transposed, size_t begin, size_t end, float* scratch) {
  const size_t rows = transposed ? K : C;
  const size_t columns = transposed ? C : K;
  const size_t count = rows * kBlock;
  B += begin * ((columns + kBlock - 1) / kBlock) * 3 * count;
  for (size_t f = begin; f < end; ++f)
    for (size_t first = 0; first < columns; first += kBlock, B += 3 * count) {
      const size_t wanted = HWY_MIN(kBlock, columns - first);
      for (size_t part = 0; part < 2; ++part) {
        const float* from = W + (f * 2 + part) * C * K;
        if (transposed)
          pack_across(from + first * K, K, wanted, rows, kBlock, scratch + part * count);
        else
          pack_along(from + first, K, wanted, rows, kBlock, scratch + part * count);
      }
      gauss_factors(scratch, scratch + count, count, conjugate, B);
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(spectral_kernel_f32);

// A block is a frequency.
struct SpectralKernelKernel {
  using Op = SpectralKernel;
  static constexpr std::string_view name = "native/spectral_kernel";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0};
  static bool accepts(const Call& call) { return all_f32(call); }
  static std::int64_t extent(const Call& call) { return call.outputs[0].shape[0]; }
  static std::size_t scratch_bytes(const Call& call) {
    return 2 * static_cast<std::size_t>(call.outputs[0].shape[3] * kKernelBlock) * sizeof(float);
  }
  explicit SpectralKernelKernel(const Call& call)
      : op(std::get<Op>(call.op)),
        C(static_cast<std::size_t>(call.inputs[0].shape[2])),
        K(static_cast<std::size_t>(call.inputs[0].shape[3])) {}
  void run(const Args& args, Range range) const {
    HWY_DYNAMIC_DISPATCH(spectral_kernel_f32)
    (in<float>(args, 0), out<float>(args, 0), C, K, op.conjugate, op.transposed,
     static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end),
     reinterpret_cast<float*>(args.scratch));
  }
  Op op;
  std::size_t C, K;
};

}  // namespace

KernelEntry spectral_kernel() { return entry_of<SpectralKernelKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
