// SPDX-License-Identifier: Apache-2.0
// Matrix products of few rows with b in bf16: half the memory that is waited for, and a shift for
// each vector of it.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/matmul_few_rows_bf16.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"
#include "hwy/cache_control.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kNarrowRows = 8;  // of b at once: as many streams as a processor follows

// Exact: bf16 is the upper half of a float.
template <class D>
HWY_INLINE hn::Vec<D> load_narrow(D d, const uint16_t* b) {
  const hn::RebindToUnsigned<D> words;
  const hn::Rebind<uint16_t, D> halves;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(words, hn::LoadU(halves, b))));
}

// y[j] += sum a[i] b[i][j] for one vector of columns from j on.
template <size_t kCount, class D>
HWY_INLINE void add_narrow_columns(D d, const float* a, const uint16_t* b, size_t stride, float* y,
                                   size_t j) {
  auto sum = hn::Mul(hn::Set(d, a[0]), load_narrow(d, b + j));
  for (size_t i = 1; i < kCount; ++i)
    sum = hn::MulAdd(hn::Set(d, a[i]), load_narrow(d, b + i * stride + j), sum);
  hn::StoreU(hn::Add(hn::LoadU(d, y + j), sum), d, y + j);
}

// `ahead`, rows that are read next, is asked for meanwhile: with half the bytes the processor's own
// looking ahead is late.
template <size_t kCount>
HWY_INLINE void add_narrow_rows(const float* a, const uint16_t* b, const uint16_t* ahead,
                                size_t stride, float* y, size_t columns) {
  constexpr size_t kLine = 64 / sizeof(uint16_t);
  const Full d;
  size_t j = 0;
  for (; j + hn::Lanes(d) <= columns; j += hn::Lanes(d)) {
    if (j % kLine == 0)
      for (size_t i = 0; i < kCount; ++i) hwy::Prefetch(ahead + i * stride + j);
    add_narrow_columns<kCount>(d, a, b, stride, y, j);
  }
  for (; j < columns; ++j) add_narrow_columns<kCount>(One(), a, b, stride, y, j);
}

// a: [M,C] f32  b: [C,K] bf16  bias: [K] or null -> the columns [begin, end) of y: [M,K] f32.
void matmul_few_rows_bf16(const Product& p, const float* a, const uint16_t* b, const float* bias,
                          float* y, size_t begin, size_t end) {
  const size_t columns = end - begin;
  for (size_t m = 0; m < p.M; ++m)
    for (size_t j = begin; j < end; ++j) y[m * p.K + j] = bias != nullptr ? bias[j] : 0;
  for (size_t c = 0; c < p.C; c += kNarrowRows) {
    const uint16_t* rows = b + c * p.K + begin;
    const uint16_t* ahead = c + 2 * kNarrowRows <= p.C ? rows + kNarrowRows * p.K : rows;
    for (size_t m = 0; m < p.M; ++m) {
      const float* factors = a + m * p.C + c;
      float* to = y + m * p.K + begin;
      if (c + kNarrowRows <= p.C)
        add_narrow_rows<kNarrowRows>(factors, rows, ahead, p.K, to, columns);
      else
        for (size_t i = 0; i < p.C - c; ++i)
          add_narrow_rows<1>(factors + i, rows + i * p.K, rows, p.K, to, columns);
    }
  }
  if (!p.epilogue.relu) return;
  for (size_t m = 0; m < p.M; ++m)
    for (size_t j = m * p.K + begin; j < m * p.K + end; ++j)
      if (y[j] <= 0) y[j] = 0;  // NaN stays
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(matmul_few_rows_bf16);

bool has_narrow_b(const Call& call) {
  return call.inputs.size() > 1 && is_dense(call.inputs[1], DType::bf16);
}

// The same product of floats.
Call with_wide_b(Call call) {
  call.inputs[1].dtype = DType::f32;
  return call;
}

// MatMul, or Fused with it as core.
template <typename OpType>
struct NarrowFewRowsKernel : ProductKernel {
  using Op = OpType;
  static constexpr std::string_view name = std::is_same_v<Op, MatMul>
                                               ? "native/matmul/few_rows_bf16"
                                               : "native/fused/matmul/few_rows_bf16";
  static bool accepts(const Call& call) {
    if (!has_narrow_b(call)) return false;
    const auto p = product_of(with_wide_b(call));
    return p && !p->transpose_a && !p->transpose_b && p->M < kFewestPackedRows;
  }
  explicit NarrowFewRowsKernel(const Call& call) : ProductKernel(with_wide_b(call)) {}
  void run(const Args& args, Range range) const {
    const Channels c = columns(range);
    HWY_DYNAMIC_DISPATCH(matmul_few_rows_bf16)
    (p, in<float>(args, 0), in<std::uint16_t>(args, 1), this->bias(args), out<float>(args, 0),
     c.begin, c.end);
  }
};

}  // namespace

KernelEntry matmul_few_rows_bf16() { return entry_of<NarrowFewRowsKernel<MatMul>>(); }
KernelEntry fused_matmul_few_rows_bf16() { return entry_of<NarrowFewRowsKernel<Fused>>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
