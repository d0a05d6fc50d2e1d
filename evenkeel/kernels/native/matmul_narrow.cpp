// SPDX-License-Identifier: Apache-2.0
// Matrix products of few columns, as of a last layer: neither factor is copied. Of b, whole vectors
// are read, beyond its row into the next one; what that adds to is no part of y.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/matmul_narrow.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/pack-inl.h"
#include "evenkeel/kernels/native/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kPart = 256;        // of the sum, as in wide products
constexpr size_t kMostColumns = 16;  // = kWidest

// Columns [first, first + columns) of b: [C,K] as a panel of one vector or two. The last rows,
// where a vector would end behind b, are copied.
struct NarrowPanel {
  const float* b;
  size_t K;
  size_t width;
  size_t columns;
  size_t direct;  // rows that are not copied
  size_t copied;
  Addend start;  // the biases, or none
  HWY_ALIGN float bias[kMostColumns];
  HWY_ALIGN float copy[kMostColumns * kMostColumns];

  NarrowPanel(const Product& p, const float* all, const float* biases, size_t first)
      : b(all + first), K(p.K), width(hn::Lanes(PanelLanes())), columns(p.K - first) {
    if (columns > width) width *= 2;
    columns = HWY_MIN(columns, width);
    const size_t floats = p.C * p.K - first;
    direct = floats < width ? 0 : HWY_MIN((floats - width) / K + 1, p.C);
    copied = p.C - direct;
    for (size_t c = 0; c < copied; ++c)
      for (size_t j = 0; j < width; ++j)
        copy[c * width + j] = j < columns ? b[(direct + c) * K + j] : 0;
    for (size_t j = 0; j < width; ++j)
      bias[j] = biases != nullptr && j < columns ? biases[first + j] : 0;
    start = {biases != nullptr ? bias : nullptr, 0};
  }
  HWY_INLINE bool pair() const { return width > hn::Lanes(PanelLanes()); }
  // Of an a whose rows lie apart, often by pages, more lines would share a set of the first cache.
  HWY_INLINE size_t rows_at_once(bool apart) const {
    const size_t most = pair() ? kRows : kHalfRows;
    return apart ? HWY_MIN(most, 8) : most;
  }
  // y: [rows][width] = start + a b for a part of the sum.
  HWY_INLINE void multiply(size_t rows, const Left& a, const float* from, size_t step, size_t depth,
                           const Addend& start, float* y) const {
    const Panel panel = {from, step, hn::Lanes(PanelLanes())};
    if (pair())
      product(rows, a, panel, depth, start, {y, width});
    else
      half_product(rows, a, panel, depth, start, {y, width});
  }
};

// Some rows of y: [rows][panel.width].
HWY_INLINE void narrow_rows(const NarrowPanel& panel, size_t rows, const Left& a, float* y) {
  Addend start = panel.start;
  for (size_t c = 0; c < panel.direct; c += kPart) {
    panel.multiply(rows, {a.at + c * a.k, a.row, a.k}, panel.b + c * panel.K, panel.K,
                   HWY_MIN(kPart, panel.direct - c), start, y);
    start = {y, panel.width};
  }
  if (panel.copied > 0)
    panel.multiply(rows, {a.at + panel.direct * a.k, a.row, a.k}, panel.copy, panel.width,
                   panel.copied, start, y);
}

HWY_INLINE void rectify(float* sums, size_t count) {
  const PanelLanes d;
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const PanelV sum = hn::LoadU(d, sums + i);
    hn::StoreU(hn::IfThenZeroElse(hn::Le(sum, hn::Zero(d)), sum), d, sums + i);  // NaN stays
  }
}

// Without a byte behind a row: that is another thread's.
HWY_INLINE void copy_rows(const float* from, size_t rows, size_t width, size_t columns, float* to,
                          size_t stride) {
  for (size_t r = 0; r < rows; ++r, from += width, to += stride) {
    size_t j = 0;
#if HWY_MAX_BYTES >= 32
    // Narrower sets have no store of some lanes alone.
    const PanelLanes d;
    for (; j < columns; j += hn::Lanes(d))
      hn::BlendedStore(hn::LoadU(d, from + j), hn::FirstN(d, columns - j), d, to + j);
#endif
    for (; j < columns; ++j) to[j] = from[j];
  }
}

// The rows [begin, end) of y: [M,K].
void matmul_narrow_f32(const Product& p, const float* a, const float* b, const float* bias,
                       float* y, size_t begin, size_t end) {
  HWY_ALIGN float sums[HWY_MAX(kRows, kHalfRows) * kMostColumns];
  const size_t row = p.transpose_a ? 1 : p.C;
  for (size_t first = 0; first < p.K;) {
    const NarrowPanel panel(p, b, bias, first);
    const size_t step = panel.rows_at_once(!p.transpose_a);
    for (size_t m = begin; m < end; m += step) {
      const size_t rows = HWY_MIN(step, end - m);
      narrow_rows(panel, rows, {a + m * row, row, p.transpose_a ? p.M : 1}, sums);
      if (p.epilogue.relu) rectify(sums, rows * panel.width);
      copy_rows(sums, rows, panel.width, panel.columns, y + m * p.K + first, p.K);
    }
    first += panel.width;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(matmul_narrow_f32);

// MatMul, or Fused with it as core, by blocks of rows. (What reads y by its channels, which are one
// block, shares no phase with several.)
template <typename OpType>
struct NarrowKernel : ProductKernel {
  using Op = OpType;
  static constexpr std::string_view name =
      std::is_same_v<Op, MatMul> ? "native/matmul/narrow" : "native/fused/matmul/narrow";
  static constexpr std::size_t kRowBlock = 16;
  static constexpr std::size_t kWidest = 16;
  static bool accepts(const Call& call) {
    const auto p = product_of(call);
    return p && !p->transpose_b && p->K <= kWidest && p->M >= kFewestPackedRows;
  }
  static std::int64_t extent(const Call& call) {
    return blocks_of(call.outputs[0].shape[0], kRowBlock);
  }
  using ProductKernel::ProductKernel;
  void run(const Args& args, Range range) const {
    HWY_DYNAMIC_DISPATCH(matmul_narrow_f32)
    (p, in<float>(args, 0), in<float>(args, 1), bias(args), out<float>(args, 0),
     static_cast<std::size_t>(range.begin) * kRowBlock,
     std::min(static_cast<std::size_t>(range.end) * kRowBlock, p.M));
  }
};

}  // namespace

KernelEntry matmul_narrow() { return entry_of<NarrowKernel<MatMul>>(); }
KernelEntry fused_matmul_narrow() { return entry_of<NarrowKernel<Fused>>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
