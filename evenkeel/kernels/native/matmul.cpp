// SPDX-License-Identifier: Apache-2.0
// Matrix products: both factors are copied block by block into the order that the core reads them
// in (Goto & van de Geijn 2008), a block of a for L2, a panel of b for L1.
#include "evenkeel/kernels/native/matmul.h"

#include "evenkeel/kernels/native/entries.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/matmul.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/pack-inl.h"
#include "evenkeel/kernels/native/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kDepth = 256;           // of the sum, at a time: a panel of b is 16 KB
constexpr size_t kBlock = 192 * kDepth;  // numbers of a at a time: 192 KB
// Rows at a time: of y they lie apart, often by pages, and twelve would share a few sets of the
// cache.
constexpr size_t kStrip = HWY_MIN(kRows, 8);
constexpr size_t kColumns = 64;  // of b at a time, so that long pieces of its rows are read

size_t rows_of_block(size_t depth) { return HWY_MAX(kBlock / depth / kStrip, 1) * kStrip; }

// Rows [m, m + rows) of op(a), depth [c, c + depth), as blocks of kStrip rows: [depth][kStrip]
// each.
void pack_rows(const Product& p, const float* a, size_t m, size_t rows, size_t c, size_t depth,
               float* to) {
  for (size_t r = 0; r < rows; r += kStrip, to += depth * kStrip) {
    const size_t count = HWY_MIN(kStrip, rows - r);
    if (p.transpose_a)
      pack_few_along<kStrip>(a + c * p.M + m + r, p.M, count, depth, to);
    else
      pack_across(a + (m + r) * p.C + c, p.C, count, depth, kStrip, to);
  }
}

// Columns [k, k + columns) of op(b) as panels: [depth][panel_width()] each.
void pack_columns(const Product& p, const float* b, size_t c, size_t depth, size_t k,
                  size_t columns, float* to) {
  const size_t width = panel_width();
  for (size_t j = 0; j < columns; j += width, to += depth * width) {
    const size_t count = HWY_MIN(width, columns - j);
    if (p.transpose_b)
      pack_across(b + (k + j) * p.C + c, p.C, count, depth, width, to);
    else
      pack_along(b + c * p.K + k + j, p.K, count, depth, width, to);
  }
}

// What of b is packed next, asked for while the core computes: its rows are further apart than the
// processor looks ahead.
class Ahead {
 public:
  Ahead() = default;
  Ahead(const float* at, size_t stride, size_t rows, size_t columns)
      : at_(at), stride_(stride), rows_(rows), columns_(columns) {}
  HWY_INLINE void ask_for(size_t lines) {
    constexpr size_t kLine = 64 / sizeof(float);
    for (; lines > 0 && rows_ > 0; --lines) {
      hwy::Prefetch(at_ + column_);
      column_ += kLine;
      if (column_ < columns_) continue;
      column_ = 0;
      at_ += stride_;
      --rows_;
    }
  }

 private:
  const float* at_ = nullptr;
  size_t stride_ = 0;
  size_t rows_ = 0;
  size_t columns_ = 0;
  size_t column_ = 0;
};

Ahead ahead_of(const Product& p, const float* b, size_t c, size_t depth, size_t k, size_t columns) {
  if (p.transpose_b) return {b + k * p.C + c, p.C, columns, depth};
  return {b + c * p.K + k, p.K, depth, columns};
}

HWY_INLINE void rectify(const Result& y, size_t rows) {
  const PanelLanes d;
  for (size_t r = 0; r < rows; ++r) {
    PanelV left, right;
    load_row({y.at, y.stride}, r, left, right);
    left = hn::IfThenZeroElse(hn::Le(left, hn::Zero(d)), left);  // NaN stays
    right = hn::IfThenZeroElse(hn::Le(right, hn::Zero(d)), right);
    store_row(y, r, left, right);
  }
}

HWY_INLINE void copy_rows(const Result& from, size_t rows, size_t columns, const Result& to) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < columns; ++j) to.at[r * to.stride + j] = from.at[r * from.stride + j];
}

// The lines that a panel's part of the sum is added to, or written to.
HWY_INLINE void ask_for_rows(const Result& y, size_t rows) {
  constexpr size_t kLine = 64 / sizeof(float);
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < panel_width(); j += kLine) hwy::Prefetch(y.at + r * y.stride + j);
}

// What a panel's part of the sum begins with and ends in.
struct Part {
  const float* bias;  // of the first: a panel's, or null
  bool first;
  bool last_rectified;
};

// y += or = a b for a block of packed rows and one panel, of which `columns` exist.
void panel_product(const float* a, size_t rows, const float* b, size_t depth, size_t columns,
                   const Part& part, const Result& y, Ahead& ahead) {
  constexpr size_t kLines = 12;  // all of it while 128 rows are computed
  HWY_ALIGN float edge[kStrip * 2 * hn::MaxLanes(PanelLanes())];
  const bool whole = columns >= panel_width();
  for (size_t r = 0; r < rows; r += kStrip, a += depth * kStrip) {
    const size_t count = HWY_MIN(kStrip, rows - r);
    const Result in_y = {y.at + r * y.stride, y.stride};
    const Result to = whole ? in_y : Result{edge, panel_width()};
    if (!whole && !part.first) copy_rows(in_y, count, columns, to);
    ahead.ask_for(kLines);
    if (whole) ask_for_rows(in_y, count);
    product(count, Left{a, 1, kStrip}, b, depth,
            part.first ? Addend{part.bias, 0} : Addend{to.at, to.stride}, to);
    if (part.last_rectified) rectify(to, count);
    if (!whole) copy_rows(to, count, columns, in_y);
  }
}

// The columns behind [k, k + kColumns), or the first ones of the sum's next part.
Ahead next_of(const Product& p, const float* b, size_t c, size_t depth, size_t k, size_t begin,
              size_t end) {
  if (k + kColumns < end)
    return ahead_of(p, b, c, depth, k + kColumns, HWY_MIN(kColumns, end - k - kColumns));
  if (c + depth >= p.C) return {};
  return ahead_of(p, b, c + depth, HWY_MIN(kDepth, p.C - c - depth), begin,
                  HWY_MIN(kColumns, end - begin));
}

size_t matmul_scratch(size_t M, size_t C) {
  const size_t depth = HWY_MIN(kDepth, C);
  const size_t rows = HWY_MIN(rows_of_block(depth), (M + kStrip - 1) / kStrip * kStrip);
  return depth * (rows + kColumns) + kColumns;
}

// The columns [begin, end) of y: [M,K].
void matmul_f32(const Product& p, const float* a, const float* b, const float* bias, float* y,
                size_t begin, size_t end, float* scratch) {
  const size_t width = panel_width();
  float* panels = scratch;
  float* biases = panels + HWY_MIN(kDepth, p.C) * kColumns;
  float* block = biases + kColumns;
  const size_t most_rows = rows_of_block(HWY_MIN(kDepth, p.C));
  for (size_t m = 0; m < p.M; m += most_rows) {
    const size_t rows = HWY_MIN(most_rows, p.M - m);
    for (size_t c = 0; c < p.C; c += kDepth) {
      const size_t depth = HWY_MIN(kDepth, p.C - c);
      pack_rows(p, a, m, rows, c, depth, block);
      for (size_t k = begin; k < end; k += kColumns) {
        const size_t columns = HWY_MIN(kColumns, end - k);
        pack_columns(p, b, c, depth, k, columns, panels);
        Ahead ahead = next_of(p, b, c, depth, k, begin, end);
        if (bias != nullptr)
          for (size_t j = 0; j < kColumns; ++j) biases[j] = j < columns ? bias[k + j] : 0;
        for (size_t j = 0; j < columns; j += width) {
          const Part part = {bias != nullptr ? biases + j : nullptr, c == 0,
                             p.epilogue.relu && c + depth == p.C};
          panel_product(block, rows, panels + j * depth, depth, columns - j, part,
                        {y + m * p.K + k + j, p.K}, ahead);
        }
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(matmul_f32);
HWY_EXPORT(matmul_scratch);

// MatMul, or Fused with it as core.
template <typename OpType>
struct MatMulKernel : ProductKernel {
  using Op = OpType;
  static constexpr std::string_view name =
      std::is_same_v<Op, MatMul> ? "native/matmul" : "native/fused/matmul";
  static bool accepts(const Call& call) {
    const auto p = product_of(call);
    return p && p->M >= kFewestPackedRows;
  }
  static std::size_t scratch_bytes(const Call& call) {
    const Product p = *product_of(call);
    return HWY_DYNAMIC_DISPATCH(matmul_scratch)(p.M, p.C) * sizeof(float);
  }
  using ProductKernel::ProductKernel;
  void run(const Args& args, Range range) const {
    const Channels c = columns(range);
    HWY_DYNAMIC_DISPATCH(matmul_f32)
    (p, in<float>(args, 0), in<float>(args, 1), bias(args), out<float>(args, 0), c.begin, c.end,
     reinterpret_cast<float*>(args.scratch));
  }
};

}  // namespace

KernelEntry matmul() { return entry_of<MatMulKernel<MatMul>>(); }
KernelEntry fused_matmul() { return entry_of<MatMulKernel<Fused>>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
