// SPDX-License-Identifier: Apache-2.0
// Convolution with 3 x 3 kernels by the minimal algorithms F(m x m, 3 x 3) of Winograd (Lavin &
// Gray 2015, arXiv 1509.09308): y is cut into tiles of m x m, each made of m + 2 = n rows and
// columns of x, padded, by F = n^2 products instead of 9 m^2:
//   y = A^T [(G W G^T) . (B^T x B)] A, summed over the channels of x.
// A convolution of stride 1 and its gradients, with y, dx and dW as conv2d.h has them:
//   Conv2d            y  = WinogradConv2d{padding}(x, WinogradKernel(W))
//   Conv2dGradData    dx = WinogradConv2d{2 - padding}(dy, WinogradKernel{rotated}(W))
//   Conv2dGradKernel  dW = WinogradKernelGrad(WinogradConv2dGradKernel{padding}(x, dy))
// The last is the forward algorithm transposed, dW = G^T [sum over tiles of (B^T x B) . (A dy A^T)]
// G, with the same transform of x. Tiles of images are nowhere values of the graph: they are F /
// m^2 times as large as the images, so that reading one again costs more than its transform does.
#pragma once

#include "evenkeel/graph/ops/kernel_blocks.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// F(m x m, 3 x 3) for m = `tile` of 2 or 4. Row-major, n = m + 2. The points are 0, +-1 and
// infinity for m = 2, which is as exact as a direct sum, and 0, +-5/8, +-3/2 and infinity for m =
// 4: less than half the error of 0, +-1, +-2 (such points: Alam, Anderson, Barabasz & Gregg 2022,
// doi 10.1145/3524069).
struct WinogradMatrices {
  std::vector<double> image;   // B^T: [n,n]
  std::vector<double> kernel;  // G: [n,3]
  std::vector<double> result;  // A^T: [m,n]
};
EVENKEEL_API WinogradMatrices winograd_matrices(std::int64_t tile);
inline std::int64_t winograd_frequencies(std::int64_t tile) { return (tile + 2) * (tile + 2); }

// W: [3,3,C,K] -> U: [F,B,C,16], with output channel k = 16 b + i of block b. `rotated`: of W
// turned by 180 degrees with C and K exchanged, so U: [F,B,K,16] with blocks of C.
struct WinogradKernel {
  static constexpr std::string_view name = "winograd_kernel";
  std::int64_t tile = 4;
  bool rotated = false;
  static constexpr auto fields =
      std::tuple{field("tile", &WinogradKernel::tile), field("rotated", &WinogradKernel::rotated)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const WinogradKernel&, const WinogradKernel&) = default;
};

// x: [N,H,W,C]  U: [F,B,C,16]  y: [N,P,Q,K], K = `channels` in B blocks.
struct WinogradConv2d {
  static constexpr std::string_view name = "winograd_conv2d";
  std::int64_t tile = 4;
  Padding4 padding = {0, 0, 0, 0};
  std::int64_t channels = 0;
  static constexpr auto fields =
      std::tuple{field("tile", &WinogradConv2d::tile), field("padding", &WinogradConv2d::padding),
                 field("channels", &WinogradConv2d::channels)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const WinogradConv2d&, const WinogradConv2d&) = default;
};

// x: [N,H,W,C]  dy: [N,P,Q,K]  dU: [L,F,C,16 B]: the sums over the tiles of each of L = `parts`
// runs of samples, of which part l begins with sample N l / L. What lies behind channel K is zero.
struct WinogradConv2dGradKernel {
  static constexpr std::string_view name = "winograd_conv2d_grad_kernel";
  std::int64_t tile = 4;
  Padding4 padding = {0, 0, 0, 0};
  std::int64_t parts = 1;
  static constexpr auto fields = std::tuple{field("tile", &WinogradConv2dGradKernel::tile),
                                            field("padding", &WinogradConv2dGradKernel::padding),
                                            field("parts", &WinogradConv2dGradKernel::parts)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const WinogradConv2dGradKernel&,
                         const WinogradConv2dGradKernel&) = default;
};

// dU: [L,F,C,16 B] -> dW: [3,3,C,K], K = `channels` in B blocks: G^T (sum of the parts, in their
// order) G.
struct WinogradKernelGrad {
  static constexpr std::string_view name = "winograd_kernel_grad";
  std::int64_t tile = 4;
  std::int64_t channels = 0;
  static constexpr auto fields = std::tuple{field("tile", &WinogradKernelGrad::tile),
                                            field("channels", &WinogradKernelGrad::channels)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const WinogradKernelGrad&, const WinogradKernelGrad&) = default;
};

}  // namespace evenkeel
