// SPDX-License-Identifier: Apache-2.0
// Matrix products of few rows, as in predicting one image: b is read once and in its own order, so
// memory is all that is waited for.
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/matmul.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/matmul_few_rows.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kAtOnce = 8;  // rows of b: as many streams as a processor follows

// y[j] += sum a[i] b[i][j] for one vector of columns from j on.
template <size_t kCount, class D>
HWY_INLINE void add_columns(D d, const float* a, const float* b, size_t stride, float* y,
                            size_t j) {
  auto sum = hn::Mul(hn::Set(d, a[0]), hn::LoadU(d, b + j));
  for (size_t i = 1; i < kCount; ++i)
    sum = hn::MulAdd(hn::Set(d, a[i]), hn::LoadU(d, b + i * stride + j), sum);
  hn::StoreU(hn::Add(hn::LoadU(d, y + j), sum), d, y + j);
}

template <size_t kCount>
HWY_INLINE void add_rows(const float* a, const float* b, size_t stride, float* y, size_t columns) {
  const Full d;
  size_t j = 0;
  for (; j + hn::Lanes(d) <= columns; j += hn::Lanes(d)) add_columns<kCount>(d, a, b, stride, y, j);
  for (; j < columns; ++j) add_columns<kCount>(One(), a, b, stride, y, j);
}

// a: [M,C]  b: [C,K]  bias: [K] or null -> the columns [begin, end) of y: [M,K].
void matmul_few_rows_f32(const Product& p, const float* a, const float* b, const float* bias,
                         float* y, size_t begin, size_t end) {
  const size_t columns = end - begin;
  for (size_t m = 0; m < p.M; ++m)
    for (size_t j = 0; j < columns; ++j)
      y[m * p.K + begin + j] = bias != nullptr ? bias[begin + j] : 0;
  for (size_t c = 0; c < p.C; c += kAtOnce) {
    const float* rows = b + c * p.K + begin;
    for (size_t m = 0; m < p.M; ++m) {
      const float* factors = a + m * p.C + c;
      float* to = y + m * p.K + begin;
      if (c + kAtOnce <= p.C)
        add_rows<kAtOnce>(factors, rows, p.K, to, columns);
      else
        for (size_t i = 0; i < p.C - c; ++i)
          add_rows<1>(factors + i, rows + i * p.K, p.K, to, columns);
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

HWY_EXPORT(matmul_few_rows_f32);

// MatMul, or Fused with it as core.
template <typename OpType>
struct FewRowsKernel : ProductKernel {
  using Op = OpType;
  static constexpr std::string_view name =
      std::is_same_v<Op, MatMul> ? "native/matmul/few_rows" : "native/fused/matmul/few_rows";
  static bool accepts(const Call& call) {
    const auto p = product_of(call);
    return p && !p->transpose_a && !p->transpose_b && p->M < kFewestPackedRows;
  }
  using ProductKernel::ProductKernel;
  void run(const Args& args, Range range) const {
    const Channels c = columns(range);
    HWY_DYNAMIC_DISPATCH(matmul_few_rows_f32)
    (p, in<float>(args, 0), in<float>(args, 1), bias(args), out<float>(args, 0), c.begin, c.end);
  }
};

}  // namespace

KernelEntry matmul_few_rows() { return entry_of<FewRowsKernel<MatMul>>(); }
KernelEntry fused_matmul_few_rows() { return entry_of<FewRowsKernel<Fused>>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
