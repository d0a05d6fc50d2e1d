// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/rowwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/layer_norm_grad.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/layer_norm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Up to 128 rows of a sample, [rows, C].
struct RowBlock {
  const float *dy, *x;
  size_t rows, C;
  RowStatistics statistics[kBlockRows];
};

// Over rows: dy, and dy xhat.
struct AddGradients {
  const RowBlock& block;
  Tile dy, x;
  size_t c;
  template <class D, class V>
  HWY_INLINE void operator()(D d, size_t r, V& sum, V& products) const {
    const RowStatistics& s = block.statistics[r];
    const V g = hn::LoadU(d, dy.x + r * dy.stride + c);
    const V centred = hn::Sub(hn::LoadU(d, x.x + r * x.stride + c), hn::Set(d, s.center));
    const V scaled = hn::Mul(centred, hn::Set(d, static_cast<float>(s.inverse)));
    sum = hn::Add(sum, g);
    products = hn::Add(products, hn::Mul(g, hn::Add(scaled, hn::Set(d, s.shift()))));
  }
};

// dbeta, dgamma: [C] += the block's.
HWY_INLINE void add_parameters(const RowBlock& block, float* dbeta, float* dgamma) {
  const Wide d;
  HWY_ALIGN float dy_copy[kBlockRows * kWidth];
  HWY_ALIGN float x_copy[kBlockRows * kWidth];
  float sums[2][kWidth];
  for (size_t c = 0; c < block.C; c += kWidth) {
    const size_t width = HWY_MIN(kWidth, block.C - c);
    const Tile dy = tile_of(block.dy + c, block.C, block.rows, width, dy_copy);
    const Tile x = tile_of(block.x + c, block.C, block.rows, width, x_copy);
    for (size_t i = 0; i < kWidth; i += hn::Lanes(d))
      sum_rows<2>(block.rows, i, AddGradients{block, dy, x, i}, sums);
    for (size_t i = 0; i < width; ++i) {
      dbeta[c + i] += sums[0][i];
      dgamma[c + i] += sums[1][i];
    }
  }
}

// Along a row, of g = gamma dy: g, and g (x - center).
struct AddAlongRow {
  const float *dy, *x, *gamma;
  float center;
  template <class D, class V>
  HWY_INLINE void at(D d, size_t i, V& sum, V& products) const {
    const V g = hn::Mul(hn::LoadU(d, gamma + i), hn::LoadU(d, dy + i));
    sum = hn::Add(sum, g);
    products = hn::Add(products, hn::Mul(g, hn::Sub(hn::LoadU(d, x + i), hn::Set(d, center))));
  }
};

// dx = (gamma dy - offset - (x - center) slope) inverse.
struct Gradient {
  const float *dy, *x, *gamma;
  float center, inverse, offset, slope;
  template <class D>
  HWY_INLINE auto operator()(D d, size_t i) const {
    const auto g = hn::Mul(hn::LoadU(d, gamma + i), hn::LoadU(d, dy + i));
    const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, center));
    const auto less = hn::Sub(g, hn::Set(d, offset));
    return hn::Mul(hn::Sub(less, hn::Mul(centred, hn::Set(d, slope))), hn::Set(d, inverse));
  }
};

HWY_INLINE void map_gradients(const RowBlock& block, const float* gamma, float* dx) {
  const double count = static_cast<double>(block.C);
  for (size_t r = 0; r < block.rows; ++r) {
    const RowStatistics& s = block.statistics[r];
    const float* dy = block.dy + r * block.C;
    const float* x = block.x + r * block.C;
    double sums[2];
    sum_row<2>(block.C, AddAlongRow{dy, x, gamma, s.center}, sums);
    const double slope = s.inverse * s.inverse * (sums[1] - s.left * sums[0]) / count;
    const double offset = sums[0] / count - s.left * slope;
    map_row(block.C, dx + r * block.C,
            Gradient{dy, x, gamma, s.center, static_cast<float>(s.inverse),
                     static_cast<float>(offset), static_cast<float>(slope)});
  }
}

// dy, x, dx: [rows, C], of one sample; gamma, dbeta, dgamma: [C].
void layer_norm_grad_f32(const float* dy, const float* x, const float* gamma, double epsilon,
                         float* dx, float* dbeta, float* dgamma, size_t rows, size_t C) {
  RowBlock block;
  block.C = C;
  std::fill_n(dbeta, C, 0.0F);
  std::fill_n(dgamma, C, 0.0F);
  for (size_t r = 0; r < rows; r += kBlockRows) {
    block.dy = dy + r * C;
    block.x = x + r * C;
    block.rows = HWY_MIN(kBlockRows, rows - r);
    for (size_t i = 0; i < block.rows; ++i)
      block.statistics[i] = row_statistics(block.x + i * C, C, epsilon);
    add_parameters(block, dbeta, dgamma);
    map_gradients(block, gamma, dx + r * C);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(layer_norm_grad_f32);

struct LayerNormGradKernel : RowwiseKernel {
  using Op = LayerNormGrad;
  static constexpr std::string_view name = "native/layer_norm_grad";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit LayerNormGradKernel(const Call& call)
      : RowwiseKernel(call),
        samples(call.inputs[0].shape[0]),
        epsilon(std::get<Op>(call.op).epsilon) {}
  void run(const Args& args, Range) const {
    const std::int64_t rows = N / samples;
    for (std::int64_t n = 0; n < samples; ++n) {
      const std::int64_t at = n * rows * K;
      HWY_DYNAMIC_DISPATCH(layer_norm_grad_f32)
      (in<float>(args, 0) + at, in<float>(args, 1) + at, in<float>(args, 2), epsilon,
       out<float>(args, 0) + at, out<float>(args, 1) + n * K, out<float>(args, 2) + n * K,
       static_cast<std::size_t>(rows), static_cast<std::size_t>(K));
    }
  }
  std::int64_t samples;
  double epsilon;
};

}  // namespace

KernelEntry layer_norm_grad() { return entry_of<LayerNormGradKernel>(); }

}  // namespace evenkeel::native
#endif
