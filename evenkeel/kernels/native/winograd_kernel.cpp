// SPDX-License-Identifier: Apache-2.0
// Kernels and their gradients in and out of Winograd's transform, 16 channels at a time.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/winograd_kernel.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kBlock = 16;
constexpr size_t kMostRows = 6;
using KernelLanes = hn::CappedTag<float, kBlock>;

// Rows of 16 numbers, `step` floats apart.
struct RowsIn {
  const float* at;
  size_t step;
};
struct RowsOut {
  float* at;
  size_t step;
};

// y[i] = sum_j g[i,j] z[j] for g: [rows,columns].
HWY_INLINE void combine(const float* g, size_t rows, size_t columns, const RowsIn& z,
                        const RowsOut& y) {
  const KernelLanes d;
  for (size_t i = 0; i < rows; ++i)
    for (size_t lane = 0; lane < kBlock; lane += hn::Lanes(d)) {
      auto sum = hn::Zero(d);
      for (size_t j = 0; j < columns; ++j)
        sum =
            hn::MulAdd(hn::Set(d, g[i * columns + j]), hn::LoadU(d, z.at + j * z.step + lane), sum);
      hn::StoreU(sum, d, y.at + i * y.step + lane);
    }
}

// g z g^T for g: [rows,columns] and z: columns x columns rows of 16.
HWY_INLINE void combine_both(const float* g, size_t rows, size_t columns, const RowsIn& z,
                             const RowsOut& y) {
  HWY_ALIGN float half[kMostRows * kMostRows * kBlock];  // [rows][columns]
  for (size_t j = 0; j < columns; ++j)
    combine(g, rows, columns, {z.at + j * z.step, columns * z.step},
            {half + j * kBlock, columns * kBlock});
  for (size_t i = 0; i < rows; ++i)
    combine(g, rows, columns, {half + i * columns * kBlock, kBlock},
            {y.at + i * rows * y.step, y.step});
}

// The nine taps of up to 16 output channels; `apart` floats between taps, `next` between channels.
HWY_INLINE void gather_taps(const float* W, size_t apart, size_t next, size_t channels, bool turned,
                            float* taps) {
  for (size_t tap = 0; tap < 9; ++tap) {
    const float* from = W + (turned ? 8 - tap : tap) * apart;
    for (size_t i = 0; i < kBlock; ++i) taps[tap * kBlock + i] = i < channels ? from[i * next] : 0;
  }
}

// W: [3,3,C,K] -> U: [F,B,C,16], or rotated [F,B,K,16], the blocks [begin, end).
void winograd_kernel_f32(const float* G, size_t n, const float* W, float* U, size_t C, size_t K,
                         bool rotated, size_t begin, size_t end) {
  HWY_ALIGN float taps[9 * kBlock];
  const size_t from = rotated ? K : C;
  const size_t to = rotated ? C : K;
  const size_t blocks = (to + kBlock - 1) / kBlock;
  for (size_t b = begin; b < end; ++b)
    for (size_t c = 0; c < from; ++c) {
      const size_t first = b * kBlock;
      const size_t channels = HWY_MIN(kBlock, to - first);
      if (rotated)
        gather_taps(W + first * K + c, C * K, K, channels, true, taps);
      else
        gather_taps(W + c * K + first, C * K, 1, channels, false, taps);
      combine_both(G, n, 3, {taps, kBlock}, {U + (b * from + c) * kBlock, blocks * from * kBlock});
    }
}

// dU: [L,F,C,16 B] -> dW: [3,3,C,K], the output channels of the blocks [begin, end).
void winograd_kernel_grad_f32(const float* Gt, size_t n, size_t parts, const float* slopes,
                              float* kernel, size_t C, size_t K, size_t begin, size_t end) {
  const KernelLanes d;
  HWY_ALIGN float sums[kMostRows * kMostRows * kBlock];
  HWY_ALIGN float taps[9 * kBlock];
  const size_t row = (K + kBlock - 1) / kBlock * kBlock;
  const size_t F = n * n;
  for (size_t c = 0; c < C; ++c)
    for (size_t b = begin; b < end; ++b) {
      for (size_t f = 0; f < F; ++f)
        for (size_t lane = 0; lane < kBlock; lane += hn::Lanes(d)) {
          const float* at = slopes + (f * C + c) * row + b * kBlock + lane;
          auto sum = hn::LoadU(d, at);
          for (size_t l = 1; l < parts; ++l) sum = hn::Add(sum, hn::LoadU(d, at + l * F * C * row));
          hn::StoreU(sum, d, sums + f * kBlock + lane);
        }
      combine_both(Gt, 3, n, {sums, kBlock}, {taps, kBlock});
      for (size_t tap = 0; tap < 9; ++tap)
        for (size_t i = 0; i < HWY_MIN(kBlock, K - b * kBlock); ++i)
          kernel[(tap * C + c) * K + b * kBlock + i] = taps[tap * kBlock + i];
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(winograd_kernel_f32);
HWY_EXPORT(winograd_kernel_grad_f32);

// Blocks of 16 output channels; the kernel, or its gradient's sums, are read whole.
struct TransformKernel {
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0};
  static bool accepts(const Call& call) { return all_f32(call); }
};

struct WinogradKernelKernel : TransformKernel {
  using Op = WinogradKernel;
  static constexpr std::string_view name = "native/winograd_kernel";
  static std::int64_t extent(const Call& call) { return call.outputs[0].shape[1]; }
  explicit WinogradKernelKernel(const Call& call)
      : size(static_cast<std::size_t>(std::get<Op>(call.op).tile + 2)),
        C(static_cast<std::size_t>(call.inputs[0].shape[2])),
        K(static_cast<std::size_t>(call.inputs[0].shape[3])),
        rotated(std::get<Op>(call.op).rotated) {
    const WinogradMatrices matrices = winograd_matrices(std::get<Op>(call.op).tile);
    G.assign(matrices.kernel.begin(), matrices.kernel.end());
  }
  void run(const Args& args, Range range) const {
    HWY_DYNAMIC_DISPATCH(winograd_kernel_f32)
    (G.data(), size, in<float>(args, 0), out<float>(args, 0), C, K, rotated,
     static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end));
  }
  std::size_t size, C, K;
  bool rotated;
  std::vector<float> G;  // [n,3]
};

struct WinogradKernelGradKernel : TransformKernel {
  using Op = WinogradKernelGrad;
  static constexpr std::string_view name = "native/winograd_kernel_grad";
  static std::int64_t extent(const Call& call) { return kernel_blocks(call.outputs[0].shape[3]); }
  explicit WinogradKernelGradKernel(const Call& call)
      : size(static_cast<std::size_t>(std::get<Op>(call.op).tile + 2)),
        parts(static_cast<std::size_t>(call.inputs[0].shape[0])),
        C(static_cast<std::size_t>(call.outputs[0].shape[2])),
        K(static_cast<std::size_t>(call.outputs[0].shape[3])) {
    const WinogradMatrices matrices = winograd_matrices(std::get<Op>(call.op).tile);
    for (std::size_t tap = 0; tap < 3; ++tap)
      for (std::size_t i = 0; i < size; ++i)
        Gt.push_back(static_cast<float>(matrices.kernel[i * 3 + tap]));
  }
  void run(const Args& args, Range range) const {
    HWY_DYNAMIC_DISPATCH(winograd_kernel_grad_f32)
    (Gt.data(), size, parts, in<float>(args, 0), out<float>(args, 0), C, K,
     static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end));
  }
  std::size_t size, parts, C, K;
  std::vector<float> Gt;  // [3,n]
};

}  // namespace

KernelEntry winograd_kernel() { return entry_of<WinogradKernelKernel>(); }
KernelEntry winograd_kernel_grad() { return entry_of<WinogradKernelGradKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
