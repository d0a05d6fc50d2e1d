// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/bias_add.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/channels-inl.h"
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// x, y: [.., K], b: [K]; elements [begin, end).
void bias_add_f32(const float* x, const float* b, size_t K, float* y, size_t begin, size_t end) {
  map_periodic(x, b, K, y, begin, end, Sum2());
}

struct AddRow {
  Tile dy;
  size_t c;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V&) const {
    sum = hn::Add(sum, hn::LoadU(d, dy.x + r * dy.stride + c));
    prefetch_beside(dy.x + r * dy.stride);
  }
};

// dy: [rows, K] -> db: [K], for the channels [begin, end): blocks in f32, their sums in double.
void bias_grad_f32(const float* dy, size_t rows, size_t K, size_t begin, size_t end, float* db) {
  const Wide d;
  HWY_ALIGN float copy[kBlockRows * kWidth];
  float sums[1][kWidth];
  for (size_t k = begin; k < end; k += kWidth) {
    const size_t channels = HWY_MIN(kWidth, end - k);
    double totals[kWidth] = {};
    for (size_t r = 0; r < rows; r += kBlockRows) {
      const size_t block_rows = HWY_MIN(kBlockRows, rows - r);
      const Tile tile = tile_of(dy + r * K + k, K, block_rows, channels, copy);
      for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
        sum_rows<1>(block_rows, i, AddRow{tile, i}, sums);
      add_to_double(sums[0], totals);
    }
    store_channels(totals, channels, db + k);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(bias_add_f32);
HWY_EXPORT(bias_grad_f32);

struct BiasAddKernel : ElementwiseKernel {
  using Op = BiasAdd;
  static constexpr std::string_view name = "native/bias_add";
  static constexpr std::array in_place = {InPlace{0, 0}};
  explicit BiasAddKernel(const Call& call)
      : ElementwiseKernel(call), K(static_cast<std::size_t>(call.outputs[0].shape.back())) {}
  void run(const Args& args, Range range) const {
    const Elements e = elements(range);
    HWY_DYNAMIC_DISPATCH(bias_add_f32)
    (in<float>(args, 0), in<float>(args, 1), K, out<float>(args, 0), e.begin, e.end);
  }
  std::size_t K;
};

struct BiasGradKernel : ChannelKernel {
  using Op = BiasGrad;
  static constexpr std::string_view name = "native/bias_grad";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels c = channels(range);
    HWY_DYNAMIC_DISPATCH(bias_grad_f32)
    (in<float>(args, 0), c.rows, c.all, c.begin, c.end, out<float>(args, 0));
  }
};

}  // namespace

KernelEntry bias_add() { return entry_of<BiasAddKernel>(); }
KernelEntry bias_grad() { return entry_of<BiasGradKernel>(); }

}  // namespace evenkeel::native
#endif
