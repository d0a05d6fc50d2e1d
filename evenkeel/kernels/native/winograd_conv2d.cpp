// SPDX-License-Identifier: Apache-2.0
// Winograd's convolution and its gradient by the kernel, a group of tiles after the other:
// transforms, the product of each frequency, and back, while all of it stays in the cache.
#include <span>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/winograd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/winograd_conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/product-inl.h"
#include "evenkeel/kernels/native/winograd-inl.h"
#include "evenkeel/kernels/native/winograd_moments-inl.h"

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
template <class Transform, class Load>
HWY_INLINE void transform_group(const Tiling& t, const Images& x, const float* pixels,
                                const Load& load, size_t first, size_t strips,
                                const Tiles<float>& to, float* scratch) {
  for (size_t s = 0; s < strips; ++s) {
    const size_t image = (first + s) / t.strips;
    transform_strip<Transform>(t, x, pixels + image * x.H * x.W * x.C, load, (first + s) % t.strips,
                               {to.at + s * t.across * to.channels, to.step, to.channels}, scratch);
  }
}

// Those of x, through what `load` says; `affine`: [3][C16].
template <class Tile>
HWY_INLINE void load_group(const Tiling& t, const float* x, const WinogradLoad& load,
                           const float* affine, size_t first, size_t strips, const Tiles<float>& to,
                           float* scratch) {
  using Image = ImageOf<Tile>;
  const Affine y = {affine, affine + t.C16, affine + 2 * t.C16};
  if (!load.normalises)
    transform_group<Image>(t, t.x, x, LoadAsIs(), first, strips, to, scratch);
  else if (load.relu)
    transform_group<Image>(t, t.x, x, LoadNormalised<true>{y}, first, strips, to, scratch);
  else
    transform_group<Image>(t, t.x, x, LoadNormalised<false>{y}, first, strips, to, scratch);
}
void fill_affine(const Tiling& t, const WinogradLoad& load, float* affine) {
  if (!load.normalises) return;
  load_normalisation(load.y, t.x.C, affine, affine + t.C16, affine + 2 * t.C16);
}

// x: [N,H,W,C]  U: [F,B,C,16]  y: [N,P,Q,K], for the output channels [begin, end).
template <class Tile>
void convolve(const Tiling& t, const WinogradLoad& load, const float* x, const float* U, float* y,
              const WinogradMoments& moments, size_t begin, size_t end, float* scratch) {
  const size_t last = HWY_MIN((end + kChannelBlock - 1) / kChannelBlock * kChannelBlock, t.K16);
  const Tiles<float> images = {scratch, t.step(t.C16), t.C16};
  const Tiles<float> results = {scratch + t.tiles(t.C16), t.step(t.K16), t.K16};
  float* affine = scratch + t.tiles(t.C16) + t.tiles(t.K16);
  auto* totals = reinterpret_cast<double*>(affine + 3 * t.C16);
  float* strip_scratch = affine + 3 * t.C16 + 4 * t.K16;
  fill_affine(t, load, affine);
  SampleMoments sample_moments(t, moments, y, begin, end, totals);
  const size_t all = t.x.N * t.strips;
  for (size_t first = 0; first < all; first += t.group) {
    const size_t strips = HWY_MIN(t.group, all - first);
    load_group<Tile>(t, x, load, affine, first, strips, images, strip_scratch);
    for (size_t f = 0; f < t.frequencies; ++f)
      multiply_tiles(strips * t.across, images.at + f * images.step, t.x.C, t.C16,
                     U + f * t.K16 * t.x.C, results.at + f * results.step, t.K16, begin, last);
    for (size_t s = 0; s < strips; ++s) {
      const size_t image = (first + s) / t.strips;
      const size_t strip = (first + s) % t.strips;
      restore_strip<Tile>(t, {results.at + s * t.across * t.K16, results.step, t.K16}, strip,
                          y + image * t.y.H * t.y.W * t.y.C, begin, end, strip_scratch);
      sample_moments.take(image, strip);
    }
  }
}

// x: [N,H,W,C]  dy: [N,P,Q,K]  dU: [F,C,16 B], over the samples [from, to).
template <class Tile>
void convolve_grad(const Tiling& t, const WinogradLoad& load, const float* x, const float* slopes,
                   float* sums, size_t from, size_t to, float* scratch) {
  const Tiles<float> images = {scratch, t.step(t.C16), t.C16};
  const Tiles<float> gradients = {scratch + t.tiles(t.C16), t.step(t.K16), t.K16};
  float* affine = scratch + t.tiles(t.C16) + t.tiles(t.K16);
  float* strip_scratch = affine + 3 * t.C16;
  fill_affine(t, load, affine);
  const size_t begin = from * t.strips;
  const size_t end = to * t.strips;
  for (size_t first = begin; first < end; first += t.group) {
    const size_t strips = HWY_MIN(t.group, end - first);
    load_group<Tile>(t, x, load, affine, first, strips, images, strip_scratch);
    transform_group<SlopesOf<Tile>>(t, t.y, slopes, LoadAsIs(), first, strips, gradients,
                                    strip_scratch);
    for (size_t f = 0; f < t.frequencies; ++f)
      add_tile_products(strips * t.across, images.at + f * images.step, t.x.C, t.C16,
                        gradients.at + f * gradients.step, t.K16, first == begin,
                        sums + f * t.x.C * t.K16);
  }
  if (begin == end) std::fill_n(sums, t.frequencies * t.x.C * t.K16, 0.0F);
}

void winograd_conv2d_f32(const Tiling& t, const WinogradLoad& load, const float* x, const float* U,
                         float* y, const WinogradMoments& moments, size_t begin, size_t end,
                         float* scratch) {
  if (t.tile == 2)
    convolve<Tile2>(t, load, x, U, y, moments, begin, end, scratch);
  else
    convolve<Tile4>(t, load, x, U, y, moments, begin, end, scratch);
}

void winograd_conv2d_grad_kernel_f32(const Tiling& t, const WinogradLoad& load, const float* x,
                                     const float* slopes, float* sums, size_t from, size_t to,
                                     float* scratch) {
  if (t.tile == 2)
    convolve_grad<Tile2>(t, load, x, slopes, sums, from, to, scratch);
  else
    convolve_grad<Tile4>(t, load, x, slopes, sums, from, to, scratch);
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
  return (t.tiles(t.C16) + t.tiles(t.K16) + 3 * t.C16 + 4 * t.K16 + t.strip_scratch()) *
         sizeof(float);
}

// Of an op by itself, or Fused with it as core: which operands are whose.
template <typename Core, typename OpType>
struct WinogradParts {
  static const Core* core(const Call& call) {
    if constexpr (std::is_same_v<OpType, Fused>)
      return std::get_if<Core>(&std::get<Fused>(call.op).core);
    else
      return &std::get<Core>(call.op);
  }
  static std::span<const FusedPrologue> prologue(const Call& call) {
    if constexpr (std::is_same_v<OpType, Fused>) return std::get<Fused>(call.op).prologue;
    return {};
  }
  static std::span<const FusedEpilogue> epilogue(const Call& call) {
    if constexpr (std::is_same_v<OpType, Fused>) return std::get<Fused>(call.op).epilogue;
    return {};
  }
  // Batch norm by moments of all samples, and perhaps ReLU, or nothing.
  static bool loads(const Call& call) {
    const auto steps = prologue(call);
    if (steps.empty()) return all_f32_from(call, 0);
    const bool known =
        std::holds_alternative<BatchNormApply>(steps[0]) &&
        (steps.size() == 1 || (steps.size() == 2 && std::holds_alternative<Relu>(steps[1])));
    if (!known || call.inputs[1].shape.rank() != 1) return false;
    for (const std::size_t i : {1, 2, 3})
      if (!is_dense(call.inputs[i], DType::f64)) return false;
    return is_dense(call.inputs[0], DType::f32) && all_f32_from(call, 4);
  }
  static bool all_f32_from(const Call& call, std::size_t first) {
    for (std::size_t i = first; i < call.inputs.size(); ++i)
      if (!is_dense(call.inputs[i], DType::f32)) return false;
    return is_dense(call.outputs[0], DType::f32);
  }
  // The core's second input.
  static std::size_t second(const Call& call) { return prologue(call).empty() ? 1 : 6; }
  static std::vector<int> all_inputs(const Call& call) {
    std::vector<int> result;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) result.push_back(static_cast<int>(i));
    return result;
  }

  explicit WinogradParts(const Call& call)
      : normalises(!prologue(call).empty()), relu(prologue(call).size() == 2) {
    if (normalises) epsilon = std::get<BatchNormApply>(prologue(call)[0]).epsilon;
  }
  WinogradLoad load(const Args& args) const {
    if (!normalises) return {};
    return {true,
            relu,
            {in<double>(args, 1), in<double>(args, 2), in<double>(args, 3), in<float>(args, 4),
             in<float>(args, 5), epsilon}};
  }
  bool normalises, relu;
  double epsilon = 0;
};

// By blocks of output channels, or of one slice of the batch after the other. Behind it may stand
// the moments of each sample.
template <typename OpType>
struct WinogradConv2dKernel {
  using Op = OpType;
  using Parts = WinogradParts<WinogradConv2d, OpType>;
  static constexpr bool kFused = std::is_same_v<OpType, Fused>;
  static constexpr std::string_view name =
      kFused ? "native/fused/winograd_conv2d" : "native/winograd_conv2d";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static std::vector<int> whole_inputs(const Call& call) { return Parts::all_inputs(call); }
  static bool accepts(const Call& call) {
    return Parts::core(call) != nullptr && Parts::loads(call) && ends(call);
  }
  static bool ends(const Call& call) {
    const auto steps = Parts::epilogue(call);
    if (steps.empty()) return true;
    const auto* moments = std::get_if<ChannelMoments>(&steps[0]);
    return steps.size() == 1 && moments != nullptr && moments->each_sample;
  }
  static std::int64_t extent(const Call& call) { return call.inputs[Parts::second(call)].shape[1]; }
  static std::size_t scratch_bytes(const Call& call) { return scratch_of(tiling_of(call)); }
  static Tiling tiling_of(const Call& call) {
    const WinogradConv2d& op = *Parts::core(call);
    return {static_cast<std::size_t>(op.tile), call.inputs[0], call.outputs[0], op.padding};
  }
  explicit WinogradConv2dKernel(const Call& call)
      : tiling(tiling_of(call)),
        parts(call),
        second(Parts::second(call)),
        moments(!Parts::epilogue(call).empty()) {}
  void run(const Args& args, Range range) const {
    const auto begin = static_cast<std::size_t>(range.begin * kChannelBlock);
    const auto end = static_cast<std::size_t>(range.end * kChannelBlock);
    WinogradMoments to = {};
    if (moments) to = {out<double>(args, 1), out<double>(args, 2), out<double>(args, 3)};
    HWY_DYNAMIC_DISPATCH(winograd_conv2d_f32)
    (tiling, parts.load(args), in<float>(args, 0), in<float>(args, second), out<float>(args, 0), to,
     begin, std::min(end, tiling.y.C), reinterpret_cast<float*>(args.scratch));
  }
  Tiling tiling;
  Parts parts;
  std::size_t second;
  bool moments;
};

// A block is a part of the sum.
template <typename OpType>
struct WinogradConv2dGradKernelKernel {
  using Op = OpType;
  using Parts = WinogradParts<WinogradConv2dGradKernel, OpType>;
  static constexpr bool kFused = std::is_same_v<OpType, Fused>;
  static constexpr std::string_view name =
      kFused ? "native/fused/winograd_conv2d_grad_kernel" : "native/winograd_conv2d_grad_kernel";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static std::vector<int> whole_inputs(const Call& call) { return Parts::all_inputs(call); }
  static bool accepts(const Call& call) {
    return Parts::core(call) != nullptr && Parts::loads(call) && Parts::epilogue(call).empty();
  }
  static std::int64_t extent(const Call& call) { return call.outputs[0].shape[0]; }
  static std::size_t scratch_bytes(const Call& call) { return scratch_of(tiling_of(call)); }
  static Tiling tiling_of(const Call& call) {
    const WinogradConv2dGradKernel& op = *Parts::core(call);
    return {static_cast<std::size_t>(op.tile), call.inputs[0], call.inputs[Parts::second(call)],
            op.padding};
  }
  explicit WinogradConv2dGradKernelKernel(const Call& call)
      : tiling(tiling_of(call)),
        parts(call),
        second(Parts::second(call)),
        count(static_cast<std::size_t>(call.outputs[0].shape[0])) {}
  void run(const Args& args, Range range) const {
    const std::size_t size = tiling.frequencies * tiling.x.C * tiling.K16;
    for (auto part = static_cast<std::size_t>(range.begin);
         part < static_cast<std::size_t>(range.end); ++part)
      HWY_DYNAMIC_DISPATCH(winograd_conv2d_grad_kernel_f32)
    (tiling, parts.load(args), in<float>(args, 0), in<float>(args, second),
     out<float>(args, 0) + part * size, tiling.x.N * part / count, tiling.x.N * (part + 1) / count,
     reinterpret_cast<float*>(args.scratch));
  }
  Tiling tiling;
  Parts parts;
  std::size_t second;
  std::size_t count;  // of parts
};

}  // namespace

KernelEntry winograd_conv2d() { return entry_of<WinogradConv2dKernel<WinogradConv2d>>(); }
KernelEntry fused_winograd_conv2d() { return entry_of<WinogradConv2dKernel<Fused>>(); }
KernelEntry winograd_conv2d_grad_kernel() {
  return entry_of<WinogradConv2dGradKernelKernel<WinogradConv2dGradKernel>>();
}
KernelEntry fused_winograd_conv2d_grad_kernel() {
  return entry_of<WinogradConv2dGradKernelKernel<Fused>>();
}

}  // namespace evenkeel::native
#endif  // HWY_ONCE
