// SPDX-License-Identifier: Apache-2.0
// A weight's gradient, a^T b, and its update by Adam, some rows after the other: of the gradient
// only those are anywhere, in the second cache. (Tile by tile, while a tile is in registers, the
// rows of p, m and v would be read by single lines, pages apart: slower than both by themselves.)
#include "evenkeel/kernels/native/adam.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/matmul_adam.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/adam-inl.h"
#include "evenkeel/kernels/native/pack-inl.h"
#include "evenkeel/kernels/native/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

constexpr size_t kBlock = 48;  // rows at a time, whole blocks of kRows
static_assert(kBlock % kRows == 0);

size_t padded(size_t K) { return (K + panel_width() - 1) / panel_width() * panel_width(); }

size_t matmul_adam_scratch(size_t C, size_t K) {
  return C * (padded(K) + kBlock) + kBlock * padded(K);
}

// b: [C,K] as panels: [C][panel_width()] each.
void pack_panels(const float* b, size_t C, size_t K, float* panels) {
  const size_t width = panel_width();
  for (size_t k = 0; k < K; k += width)
    pack_along(b + k, K, HWY_MIN(width, K - k), C, width, panels + k * C);
}

// Rows [m, m + rows) of a^T b -> g: [rows][padded(K)].
void gradient_rows(const float* a, const float* panels, size_t C, size_t M, size_t K, size_t m,
                   size_t rows, float* packed, float* g) {
  for (size_t r = 0; r < rows; r += kRows)
    pack_few_along<kRows>(a + m + r, M, HWY_MIN(kRows, rows - r), C, packed + r * C);
  for (size_t k = 0; k < K; k += panel_width())
    for (size_t r = 0; r < rows; r += kRows)
      product(HWY_MIN(kRows, rows - r), Left{packed + r * C, 1, kRows}, panels + k * C, C, Addend{},
              Result{g + r * padded(K) + k, padded(K)});
}

// a: [C,M]  b: [C,K]  p, m, v: [M,K], the rows [begin, end).
template <bool kL2, bool kShrink>
void update_rows(const float* a, const float* b, const AdamPointers& at, size_t C, size_t M,
                 size_t K, size_t begin, size_t end, const AdamStep& step, int32_t* nonfinite,
                 float* scratch) {
  float* packed = scratch + C * padded(K);
  float* g = packed + C * kBlock;
  pack_panels(b, C, K, scratch);
  for (size_t m = begin; m < end; m += kBlock) {
    const size_t rows = HWY_MIN(kBlock, end - m);
    gradient_rows(a, scratch, C, M, K, m, rows, packed, g);
    for (size_t r = 0; r < rows; ++r) {
      const size_t first = (m + r) * K;
      const AdamPointers row = {at.p + first,      at.m + first,     at.v + first,
                                g + r * padded(K), at.new_p + first, at.new_m + first,
                                at.new_v + first};
      nonfinite[(m + r) / Fused::kUpdateRows] += update_all<kL2, kShrink>(row, K, step);
    }
  }
}

void matmul_adam_f32(const float* a, const float* b, const AdamPointers& at, size_t C, size_t M,
                     size_t K, size_t begin, size_t end, const AdamStep& step, int32_t* nonfinite,
                     float* scratch) {
  if (step.l2 == 0 && step.shrink == 1)
    update_rows<false, false>(a, b, at, C, M, K, begin, end, step, nonfinite, scratch);
  else if (step.l2 == 0)
    update_rows<false, true>(a, b, at, C, M, K, begin, end, step, nonfinite, scratch);
  else if (step.shrink == 1)
    update_rows<true, false>(a, b, at, C, M, K, begin, end, step, nonfinite, scratch);
  else
    update_rows<true, true>(a, b, at, C, M, K, begin, end, step, nonfinite, scratch);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(matmul_adam_f32);
HWY_EXPORT(matmul_adam_scratch);

// Fused{matmul{transpose_a}, [adam]}: a, b, p, m, v, lr, step -> p, m, v, nonfinite; a block is
// kUpdateRows rows of p.
struct MatMulAdamKernel {
  using Op = Fused;
  static constexpr std::string_view name = "native/fused/matmul_adam";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr std::array in_place = {InPlace{2, 0}, InPlace{3, 1}, InPlace{4, 2}};
  static constexpr std::array whole = {0, 1};
  // A longer sum leaves the first cache, a wider b the last, and a narrow result has more updates
  // than products.
  static constexpr std::int64_t kDeepest = 512;
  static constexpr std::int64_t kLargest = std::int64_t{1} << 20;  // numbers of b
  static constexpr std::int64_t kNarrowest = 16;

  static bool accepts(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    const auto* matmul = std::get_if<MatMul>(&op.core);
    if (update_of(op) == nullptr || matmul == nullptr) return false;
    if (!matmul->transpose_a || matmul->transpose_b) return false;
    for (std::size_t i = 0; i < 5; ++i)
      if (!is_dense(call.inputs[i], DType::f32)) return false;
    const Shape& b = call.inputs[1].shape;
    return b[0] <= kDeepest && b[1] >= kNarrowest && b.elements() <= kLargest;
  }
  static std::int64_t extent(const Call& call) { return call.outputs[3].shape[0]; }
  static std::size_t scratch_bytes(const Call& call) {
    const Shape& b = call.inputs[1].shape;
    return HWY_DYNAMIC_DISPATCH(matmul_adam_scratch)(static_cast<std::size_t>(b[0]),
                                                     static_cast<std::size_t>(b[1])) *
           sizeof(float);
  }
  explicit MatMulAdamKernel(const Call& call)
      : op(*update_of(std::get<Op>(call.op))),
        C(call.inputs[0].shape[0]),
        M(call.inputs[0].shape[1]),
        K(call.inputs[1].shape[1]) {}
  void run(const Args& args, Range range) const {
    const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    const AdamPointers at = {in<float>(args, 2),  in<float>(args, 3),  in<float>(args, 4), nullptr,
                             out<float>(args, 0), out<float>(args, 1), out<float>(args, 2)};
    auto* nonfinite = out<std::int32_t>(args, 3);
    std::fill(nonfinite + range.begin, nonfinite + range.end, 0);
    HWY_DYNAMIC_DISPATCH(matmul_adam_f32)
    (in<float>(args, 0), in<float>(args, 1), at, size(C), size(M), size(K),
     size(range.begin * Op::kUpdateRows), size(std::min(range.end * Op::kUpdateRows, M)),
     step_of(op, *in<double>(args, 5), *in<std::int64_t>(args, 6)), nonfinite,
     reinterpret_cast<float*>(args.scratch));
  }
  AdamUpdate op;
  std::int64_t C, M, K;
};

}  // namespace

KernelEntry fused_matmul_adam() { return entry_of<MatMulAdamKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
