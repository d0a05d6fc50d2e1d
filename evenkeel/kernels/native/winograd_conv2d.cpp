// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution and its gradient by the kernel, a group of tiles after the other:
// transforms, the product of each frequency, and back, while all of it stays in the cache.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/winograd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/winograd_conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/product-inl.h"
#include "evenkeel/kernels/native/winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Rows [0, M) of a product, by two vectors of columns.
HWY_INLINE void pair_product(size_t M, const Left& a, const Panel& b, size_t K, const Addend& start,
                             const Result& y) {
  for (size_t m = 0; m < M; m += kRows)
    product(HWY_MIN(kRows, M - m), Left{a.at + m * a.row, a.row, a.k}, b, K,
            Addend{start.at != nullptr ? start.at + m * start.stride : nullptr, start.stride},
            Result{y.at + m * y.stride, y.stride});
}
// By the last one alone.
HWY_INLINE void single_product(size_t M, const Left& a, const Panel& b, size_t K,
                               const Addend& start, const Result& y) {
  for (size_t m = 0; m < M; m += kHalfRows)
    half_product(HWY_MIN(kHalfRows, M - m), Left{a.at + m * a.row, a.row, a.k}, b, K,
                 Addend{start.at != nullptr ? start.at + m * start.stride : nullptr, start.stride},
                 Result{y.at + m * y.stride, y.stride});
}

// Z[t,k] = sum_c V[t,c] U[c,k] for a frequency's tiles V: [count][C16] and U: [B,C,16], k in
// [begin, end), which are whole blocks.
HWY_INLINE void multiply_tiles(size_t count, const float* V, size_t C, size_t C16, const float* U,
                               float* Z, size_t K16, size_t begin, size_t end) {
  const size_t L = hn::Lanes(PanelLanes());
  const Left a = {V, C16, 1};
  for (size_t k = begin; k < end;) {
    const float* panel = U + k / kChannelBlock * C * kChannelBlock + k % kChannelBlock;
    const bool pair = k + 2 * L <= end;
    // A vector of a whole block has its neighbour in the next.
    const Panel b = {panel, kChannelBlock, L == kChannelBlock ? C * kChannelBlock : L};
    const Result y = {Z + k, K16};
    if (pair)
      pair_product(count, a, b, C, Addend{}, y);
    else
      single_product(count, a, b, C, Addend{}, y);
    k += pair ? 2 * L : L;
  }
}

// dU[c,k] += or = sum_t V[t,c] D[t,k] for a frequency's tiles, dU: [C,K16].
HWY_INLINE void add_tile_products(size_t count, const float* V, size_t C, size_t C16,
                                  const float* D, size_t K16, bool first, float* sums) {
  const size_t L = hn::Lanes(PanelLanes());
  const Left a = {V, 1, C16};
  for (size_t k = 0; k < K16;) {
    const bool pair = k + 2 * L <= K16;
    const Panel b = {D + k, K16, L};
    const Result y = {sums + k, K16};
    const Addend start = {first ? nullptr : y.at, K16};
    if (pair)
      pair_product(C, a, b, count, start, y);
    else
      single_product(C, a, b, count, start, y);
    k += pair ? 2 * L : L;
  }
}

// The strips from `first` on of x, or of dy, into tiles.
template <class Transform>
HWY_INLINE void transform_group(const Tiling& t, const Images& x, const float* pixels, size_t first,
                                size_t strips, const Tiles<float>& to, float* scratch) {
  for (size_t s = 0; s < strips; ++s) {
    const size_t image = (first + s) / t.strips;
    transform_strip<Transform>(t, x, pixels + image * x.H * x.W * x.C, (first + s) % t.strips,
                               {to.at + s * t.across * to.channels, to.step, to.channels}, scratch);
  }
}

// x: [N,H,W,C]  U: [F,B,C,16]  y: [N,P,Q,K], for the output channels [begin, end).
template <class Tile>
void convolve(const Tiling& t, const float* x, const float* U, float* y, size_t begin, size_t end,
              float* scratch) {
  const size_t last = HWY_MIN((end + kChannelBlock - 1) / kChannelBlock * kChannelBlock, t.K16);
  const Tiles<float> images = {scratch, t.step(t.C16), t.C16};
  const Tiles<float> results = {scratch + t.tiles(t.C16), t.step(t.K16), t.K16};
  float* strip_scratch = scratch + t.tiles(t.C16) + t.tiles(t.K16);
  const size_t all = t.x.N * t.strips;
  for (size_t first = 0; first < all; first += t.group) {
    const size_t strips = HWY_MIN(t.group, all - first);
    transform_group<ImageOf<Tile>>(t, t.x, x, first, strips, images, strip_scratch);
    for (size_t f = 0; f < t.frequencies; ++f)
      multiply_tiles(strips * t.across, images.at + f * images.step, t.x.C, t.C16,
                     U + f * t.K16 * t.x.C, results.at + f * results.step, t.K16, begin, last);
    for (size_t s = 0; s < strips; ++s)
      restore_strip<Tile>(
          t, {results.at + s * t.across * t.K16, results.step, t.K16}, (first + s) % t.strips,
          y + (first + s) / t.strips * t.y.H * t.y.W * t.y.C, begin, end, strip_scratch);
  }
}

// x: [N,H,W,C]  dy: [N,P,Q,K]  dU: [F,C,16 B], over the samples [from, to).
template <class Tile>
void convolve_grad(const Tiling& t, const float* x, const float* slopes, float* sums, size_t from,
                   size_t to, float* scratch) {
  const Tiles<float> images = {scratch, t.step(t.C16), t.C16};
  const Tiles<float> gradients = {scratch + t.tiles(t.C16), t.step(t.K16), t.K16};
  float* strip_scratch = scratch + t.tiles(t.C16) + t.tiles(t.K16);
  const size_t begin = from * t.strips;
  const size_t end = to * t.strips;
  for (size_t first = begin; first < end; first += t.group) {
    const size_t strips = HWY_MIN(t.group, end - first);
    transform_group<ImageOf<Tile>>(t, t.x, x, first, strips, images, strip_scratch);
    transform_group<SlopesOf<Tile>>(t, t.y, slopes, first, strips, gradients, strip_scratch);
    for (size_t f = 0; f < t.frequencies; ++f)
      add_tile_products(strips * t.across, images.at + f * images.step, t.x.C, t.C16,
                        gradients.at + f * gradients.step, t.K16, first == begin,
                        sums + f * t.x.C * t.K16);
  }
  if (begin == end) std::fill_n(sums, t.frequencies * t.x.C * t.K16, 0.0F);
}

void winograd_conv2d_f32(const Tiling& t, const float* x, const float* U, float* y, size_t begin,
                         size_t end, float* scratch) {
  if (t.tile == 2)
    convolve<Tile2>(t, x, U, y, begin, end, scratch);
  else
    convolve<Tile4>(t, x, U, y, begin, end, scratch);
}

void winograd_conv2d_grad_kernel_f32(const Tiling& t, const float* x, const float* slopes,
                                     float* sums, size_t from, size_t to, float* scratch) {
  if (t.tile == 2)
    convolve_grad<Tile2>(t, x, slopes, sums, from, to, scratch);
  else
    convolve_grad<Tile4>(t, x, slopes, sums, from, to, scratch);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(winograd_conv2d_f32);
HWY_EXPORT(winograd_conv2d_grad_kernel_f32);

std::size_t scratch_of(const Tiling& t) {
  return (t.tiles(t.C16) + t.tiles(t.K16) + t.strip_scratch()) * sizeof(float);
}

// By blocks of output channels, or of one slice of the batch after the other.
struct WinogradConv2dKernel {
  using Op = WinogradConv2d;
  static constexpr std::string_view name = "native/winograd_conv2d";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1};
  static bool accepts(const Call& call) { return all_f32(call); }
  static std::int64_t extent(const Call& call) { return call.inputs[1].shape[1]; }
  static std::size_t scratch_bytes(const Call& call) { return scratch_of(tiling_of(call)); }
  static Tiling tiling_of(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    return {static_cast<std::size_t>(op.tile), call.inputs[0], call.outputs[0], op.padding};
  }
  explicit WinogradConv2dKernel(const Call& call) : tiling(tiling_of(call)) {}
  void run(const Args& args, Range range) const {
    const auto begin = static_cast<std::size_t>(range.begin * kChannelBlock);
    const auto end = static_cast<std::size_t>(range.end * kChannelBlock);
    HWY_DYNAMIC_DISPATCH(winograd_conv2d_f32)
    (tiling, in<float>(args, 0), in<float>(args, 1), out<float>(args, 0), begin,
     std::min(end, tiling.y.C), reinterpret_cast<float*>(args.scratch));
  }
  Tiling tiling;
};

// A block is a part of the sum.
struct WinogradConv2dGradKernelKernel {
  using Op = WinogradConv2dGradKernel;
  static constexpr std::string_view name = "native/winograd_conv2d_grad_kernel";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1};
  static bool accepts(const Call& call) { return all_f32(call); }
  static std::int64_t extent(const Call& call) { return call.outputs[0].shape[0]; }
  static std::size_t scratch_bytes(const Call& call) { return scratch_of(tiling_of(call)); }
  static Tiling tiling_of(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    return {static_cast<std::size_t>(op.tile), call.inputs[0], call.inputs[1], op.padding};
  }
  explicit WinogradConv2dGradKernelKernel(const Call& call)
      : tiling(tiling_of(call)), parts(static_cast<std::size_t>(call.outputs[0].shape[0])) {}
  void run(const Args& args, Range range) const {
    const std::size_t size = tiling.frequencies * tiling.x.C * tiling.K16;
    for (auto part = static_cast<std::size_t>(range.begin);
         part < static_cast<std::size_t>(range.end); ++part)
      HWY_DYNAMIC_DISPATCH(winograd_conv2d_grad_kernel_f32)
    (tiling, in<float>(args, 0), in<float>(args, 1), out<float>(args, 0) + part * size,
     tiling.x.N * part / parts, tiling.x.N * (part + 1) / parts,
     reinterpret_cast<float*>(args.scratch));
  }
  Tiling tiling;
  std::size_t parts;
};

}  // namespace

KernelEntry winograd_conv2d() { return entry_of<WinogradConv2dKernel>(); }
KernelEntry winograd_conv2d_grad_kernel() { return entry_of<WinogradConv2dGradKernelKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
