// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/winograd_conv2d.h"

#include "evenkeel/graph/ops/window.h"

namespace evenkeel {
namespace {

std::vector<double> points_of(std::int64_t tile) {
  if (tile == 2) return {0, 1, -1};
  return {0, 5. / 8, -5. / 8, 3. / 2, -3. / 2};
}

// The coefficients of the product of (z - p) over all points but the one at `left_out`, the
// constant first.
std::vector<double> polynomial(const std::vector<double>& points, std::size_t left_out) {
  std::vector<double> result = {1};
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == left_out) continue;
    result.insert(result.begin(), 0);
    for (std::size_t k = 0; k + 1 < result.size(); ++k) result[k] -= points[i] * result[k + 1];
  }
  return result;
}

void require_tile(const ShapeScope& in, std::int64_t tile) {
  if (tile != 2 && tile != 4) in.fail("a tile of 2 or 4, not " + std::to_string(tile));
}

void require_channels(const ShapeScope& in, std::int64_t channels, std::int64_t blocks) {
  if (channels < 1 || kernel_blocks(channels) != blocks)
    in.fail("channels in " + std::to_string(blocks) + " blocks of 16, not " +
            std::to_string(channels));
}

Pair positions(const ShapeScope& in, const Shape& x, const Padding4& padding) {
  return window_positions(in, {x[1], x[2]}, {3, 3}, {1, 1}, padding);
}

}  // namespace

WinogradMatrices winograd_matrices(std::int64_t tile) {
  const std::vector<double> points = points_of(tile);
  const std::size_t n = points.size() + 1;
  const std::size_t m = n - 2;
  WinogradMatrices result{std::vector<double>(n * n), std::vector<double>(n * 3),
                          std::vector<double>(m * n)};
  for (std::size_t i = 0; i < n; ++i) {
    // Behind the finite points infinity, where only the highest power counts.
    const std::vector<double> row = polynomial(points, i);
    std::copy(row.begin(), row.end(), result.image.begin() + static_cast<std::ptrdiff_t>(i * n));
    const bool finite = i < points.size();
    double scale = 1;
    for (std::size_t j = 0; finite && j < points.size(); ++j)
      if (j != i) scale *= points[i] - points[j];
    double power = 1;
    for (std::size_t k = 0; k < 3; ++k, power *= finite ? points[i] : 1)
      result.kernel[i * 3 + k] = finite ? power / scale : k == 2 ? 1 : 0;
    power = 1;
    for (std::size_t k = 0; k < m; ++k, power *= finite ? points[i] : 1)
      result.result[k * n + i] = finite ? power : k == m - 1 ? 1 : 0;
  }
  return result;
}

// W: [3,3,C,K]
Types WinogradKernel::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_tile(in, tile);
  const Shape& W = in[0].shape;
  in.require(!W.dynamic() && W[0] == 3 && W[1] == 3, "a kernel [3,3,C,K]");
  const std::int64_t blocks = kernel_blocks(W[rotated ? 2 : 3]);
  return {{in[0].dtype, {winograd_frequencies(tile), blocks, W[rotated ? 3 : 2], kKernelBlock}}};
}

// x: [N,H,W,C]  U: [F,B,C,16]
Types WinogradConv2d::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  in.require(in[0].dtype == in[1].dtype, "image and kernel of one dtype");
  require_tile(in, tile);
  const Shape& x = in[0].shape;
  const Shape& U = in[1].shape;
  if (U.dynamic() || U[0] != winograd_frequencies(tile) || U[2] != x[3] || U[3] != kKernelBlock)
    in.fail("a transformed kernel [" + std::to_string(winograd_frequencies(tile)) + ",B," +
            std::to_string(x[3]) + ",16]");
  require_channels(in, channels, U[1]);
  const auto [P, Q] = positions(in, x, padding);
  return {{in[0].dtype, {x[0], P, Q, channels}}};
}

// x: [N,H,W,C]  dy: [N,P,Q,K]
Types WinogradConv2dGradKernel::infer(const ShapeScope& in) const {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  in.require(in[0].dtype == in[1].dtype, "image and gradient of one dtype");
  require_tile(in, tile);
  constexpr std::int64_t kMost = 1024;
  if (parts < 1 || parts > kMost)
    in.fail("1 to " + std::to_string(kMost) + " parts, not " + std::to_string(parts));
  const Shape& x = in[0].shape;
  require_positions(in, in[1], positions(in, x, padding));
  in.require(x[0] == in[1].shape[0], "as many gradients as images");
  const std::int64_t blocks = kernel_blocks(in[1].shape[3]);
  return {{in[0].dtype, {parts, winograd_frequencies(tile), x[3], blocks * kKernelBlock}}};
}

// dU: [L,F,C,16 B]
Types WinogradKernelGrad::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  require_tile(in, tile);
  const Shape& slopes = in[0].shape;
  if (slopes.dynamic() || slopes[1] != winograd_frequencies(tile) || slopes[3] % kKernelBlock != 0)
    in.fail("sums [L," + std::to_string(winograd_frequencies(tile)) + ",C,16 B]");
  require_channels(in, channels, slopes[3] / kKernelBlock);
  return {{in[0].dtype, {3, 3, slopes[2], channels}}};
}

}  // namespace evenkeel
