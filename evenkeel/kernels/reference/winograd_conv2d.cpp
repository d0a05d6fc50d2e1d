// SPDX-License-Identifier: Apache-2.0
// Straight from winograd_conv2d.h, a tile after the other, in double.
#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

using Matrix = std::vector<double>;  // row-major

// a: [M,C]  b: [C,K] -> [M,K]
Matrix times(const Matrix& a, const Matrix& b, std::size_t M, std::size_t C, std::size_t K) {
  Matrix y(M * K);
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t c = 0; c < C; ++c)
      for (std::size_t k = 0; k < K; ++k) y[m * K + k] += a[m * C + c] * b[c * K + k];
  return y;
}

Matrix transposed(const Matrix& a, std::size_t M, std::size_t C) {
  Matrix y(M * C);
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t c = 0; c < C; ++c) y[c * M + m] = a[m * C + c];
  return y;
}

// a z a^T for a: [M,C] and z: [C,C].
Matrix both_sides(const Matrix& a, const Matrix& z, std::size_t M, std::size_t C) {
  return times(times(a, z, M, C, C), transposed(a, M, C), M, C, M);
}

// `extent` x `extent` pixels of a channel from {h, w} on, zeros outside the image [N,H,W,C].
template <typename T>
Matrix pixels(const T* image, const Shape& shape, std::int64_t n, Pair from, std::int64_t c,
              std::int64_t extent) {
  Matrix z;
  for (std::int64_t h = from[0]; h < from[0] + extent; ++h)
    for (std::int64_t w = from[1]; w < from[1] + extent; ++w) {
      const bool inside = 0 <= h && h < shape[1] && 0 <= w && w < shape[2];
      z.push_back(inside ? image[((n * shape[1] + h) * shape[2] + w) * shape[3] + c] : 0);
    }
  return z;
}

std::size_t as_size(std::int64_t n) { return static_cast<std::size_t>(n); }

struct WinogradKernelKernel : FloatKernel {
  using Op = WinogradKernel;
  static constexpr std::string_view name = "reference/winograd_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // W: [3,3,C,K] -> U: [F,B,C,16], or rotated [F,B,K,16]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& W = o.in_shape(0);
    const Shape& U = o.out_shape(0);
    const Matrix G = winograd_matrices(o.op.tile).kernel;
    for (std::int64_t i = 0; i < U[1] * U[2] * U[3]; ++i) {
      const std::int64_t from = i / U[3] % U[2];
      const std::int64_t to = i / U[3] / U[2] * U[3] + i % U[3];
      const std::int64_t at = o.op.rotated ? to * W[3] + from : from * W[3] + to;
      Matrix w(9);
      if (to < W[o.op.rotated ? 2 : 3])
        for (std::int64_t tap = 0; tap < 9; ++tap)
          w[as_size(o.op.rotated ? 8 - tap : tap)] = o.in<T>(0)[tap * W[2] * W[3] + at];
      const Matrix u = both_sides(G, w, as_size(o.op.tile + 2), 3);
      for (std::int64_t f = 0; f < U[0]; ++f)
        o.out<T>(0)[f * U[1] * U[2] * U[3] + i] = static_cast<T>(u[as_size(f)]);
    }
  }
};

struct WinogradConv2dKernel : FloatKernel {
  using Op = WinogradConv2d;
  static constexpr std::string_view name = "reference/winograd_conv2d";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C]  U: [F,B,C,16]  y: [N,P,Q,K]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& y = o.out_shape(0);
    for (std::int64_t n = 0; n < y[0]; ++n)
      for (std::int64_t p = 0; p < y[1]; p += o.op.tile)
        for (std::int64_t q = 0; q < y[2]; q += o.op.tile) run_tile<T>(o, n, p, q);
  }

  // The tile of y that begins with pixel {p, q}.
  template <typename T>
  static void run_tile(const Operands<Op>& o, std::int64_t n, std::int64_t p, std::int64_t q) {
    const Shape& x = o.in_shape(0);
    const Shape& U = o.in_shape(1);
    const Shape& y = o.out_shape(0);
    const std::int64_t m = o.op.tile;
    const WinogradMatrices matrices = winograd_matrices(m);
    const Pair from = {p - o.op.padding[0], q - o.op.padding[2]};
    std::vector<Matrix> products(as_size(y[3]), Matrix(as_size(U[0])));
    for (std::int64_t c = 0; c < x[3]; ++c) {
      const Matrix v = both_sides(matrices.image, pixels(o.in<T>(0), x, n, from, c, m + 2),
                                  as_size(m + 2), as_size(m + 2));
      for (std::int64_t k = 0; k < y[3]; ++k)
        for (std::int64_t f = 0; f < U[0]; ++f)
          products[as_size(k)][as_size(f)] +=
              v[as_size(f)] * o.in<T>(1)[((f * U[1] + k / 16) * U[2] + c) * 16 + k % 16];
    }
    for (std::int64_t k = 0; k < y[3]; ++k) {
      const Matrix tile =
          both_sides(matrices.result, products[as_size(k)], as_size(m), as_size(m + 2));
      for (std::int64_t i = 0; i < m && p + i < y[1]; ++i)
        for (std::int64_t j = 0; j < m && q + j < y[2]; ++j)
          o.out<T>(0)[((n * y[1] + p + i) * y[2] + q + j) * y[3] + k] =
              static_cast<T>(tile[as_size(i * m + j)]);
    }
  }
};

struct WinogradConv2dGradKernelKernel : FloatKernel {
  using Op = WinogradConv2dGradKernel;
  static constexpr std::string_view name = "reference/winograd_conv2d_grad_kernel";
  static constexpr auto in_place = kNeverInPlace;

  // x: [N,H,W,C]  dy: [N,P,Q,K]  dU: [L,F,C,16 B]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& dy = o.in_shape(1);
    const std::int64_t size = o.out_shape(0).elements() / o.op.parts;
    for (std::int64_t part = 0; part < o.op.parts; ++part) {
      Matrix sums(as_size(size));
      const std::int64_t end = dy[0] * (part + 1) / o.op.parts;
      for (std::int64_t n = dy[0] * part / o.op.parts; n < end; ++n)
        for (std::int64_t p = 0; p < dy[1]; p += o.op.tile)
          for (std::int64_t q = 0; q < dy[2]; q += o.op.tile) add_tile<T>(o, n, {p, q}, sums);
      for (std::int64_t i = 0; i < size; ++i)
        o.out<T>(0)[part * size + i] = static_cast<T>(sums[as_size(i)]);
    }
  }

  template <typename T>
  static void add_tile(const Operands<Op>& o, std::int64_t n, Pair at, Matrix& sums) {
    const Shape& x = o.in_shape(0);
    const Shape& dy = o.in_shape(1);
    const std::int64_t m = o.op.tile;
    const std::size_t size = as_size(m + 2);
    const WinogradMatrices matrices = winograd_matrices(m);
    const Matrix A = transposed(matrices.result, as_size(m), size);
    const Pair from = {at[0] - o.op.padding[0], at[1] - o.op.padding[2]};
    std::vector<Matrix> slopes;
    for (std::int64_t k = 0; k < dy[3]; ++k)
      slopes.push_back(both_sides(A, pixels(o.in<T>(1), dy, n, at, k, m), size, as_size(m)));
    const std::int64_t row = o.out_shape(0)[3];
    for (std::int64_t c = 0; c < x[3]; ++c) {
      const Matrix v =
          both_sides(matrices.image, pixels(o.in<T>(0), x, n, from, c, m + 2), size, size);
      for (std::int64_t f = 0; f < o.out_shape(0)[1]; ++f)
        for (std::int64_t k = 0; k < dy[3]; ++k)
          sums[as_size((f * x[3] + c) * row + k)] += v[as_size(f)] * slopes[as_size(k)][as_size(f)];
    }
  }
};

struct WinogradKernelGradKernel : FloatKernel {
  using Op = WinogradKernelGrad;
  static constexpr std::string_view name = "reference/winograd_kernel_grad";
  static constexpr auto in_place = kNeverInPlace;

  // dU: [L,F,C,16 B] -> dW: [3,3,C,K]
  template <typename T>
  static void run(const Operands<Op>& o) {
    const Shape& slopes = o.in_shape(0);
    const Shape& kernel = o.out_shape(0);
    const std::size_t n = as_size(o.op.tile + 2);
    const Matrix Gt = transposed(winograd_matrices(o.op.tile).kernel, n, 3);
    for (std::int64_t c = 0; c < kernel[2]; ++c)
      for (std::int64_t k = 0; k < kernel[3]; ++k) {
        Matrix sum(n * n);
        for (std::int64_t l = 0; l < slopes[0]; ++l)
          for (std::int64_t f = 0; f < slopes[1]; ++f)
            sum[as_size(f)] += o.in<T>(0)[((l * slopes[1] + f) * slopes[2] + c) * slopes[3] + k];
        const Matrix w = both_sides(Gt, sum, 3, n);
        for (std::int64_t tap = 0; tap < 9; ++tap)
          o.out<T>(0)[(tap * kernel[2] + c) * kernel[3] + k] = static_cast<T>(w[as_size(tap)]);
      }
  }
};

}  // namespace

KernelEntry winograd_kernel() { return entry_of<WinogradKernelKernel>(); }
KernelEntry winograd_conv2d() { return entry_of<WinogradConv2dKernel>(); }
KernelEntry winograd_conv2d_grad_kernel() { return entry_of<WinogradConv2dGradKernelKernel>(); }
KernelEntry winograd_kernel_grad() { return entry_of<WinogradKernelGradKernel>(); }

}  // namespace evenkeel::reference
