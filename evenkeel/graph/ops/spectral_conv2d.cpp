// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/spectral_conv2d.h"

namespace evenkeel {
namespace {

void require_two(const ShapeScope& in, std::size_t rank) {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, rank);
  in.require(in[0].dtype == in[1].dtype, "spectra of one dtype");
  in.require(in[0].shape[2] == 2, "a spectrum [N,F,2,C]");
}

}  // namespace

// W: [F,2,C,K]
Types SpectralKernel::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_float(0, 4);
  const Shape& W = in[0].shape;
  in.require(!W.dynamic() && W[1] == 2, "a kernel's spectrum [F,2,C,K]");
  return {{in[0].dtype,
           {W[0], kernel_blocks(W[transposed ? 2 : 3]), 3, W[transposed ? 3 : 2], kKernelBlock}}};
}

// X: [N,F,2,C]  B: [F,M,3,C,16]
Types SpectralConv2d::infer(const ShapeScope& in) const {
  require_two(in, 5);
  const Shape& X = in[0].shape;
  const Shape& B = in[1].shape;
  if (B[0] < 1 || X[1] % B[0] != 0 || B != Shape{B[0], B[1], 3, X[3], kKernelBlock})
    in.fail("a kernel's spectrum [" + std::to_string(X[1]) + ",M,3," + std::to_string(X[3]) +
            ",16]");
  if (channels < 1 || kernel_blocks(channels) != B[1])
    in.fail("channels in " + std::to_string(B[1]) + " blocks of 16, not " +
            std::to_string(channels));
  return {{in[0].dtype, {X[0], X[1], 2, channels}}};
}

// X: [N,F,2,C]  dY: [N,F,2,K]
Types SpectralConv2dGradKernel::infer(const ShapeScope& in) const {
  require_two(in, 4);
  const Shape& X = in[0].shape;
  const Shape& dy = in[1].shape;
  in.require(X[0] == dy[0] && X[1] == dy[1] && dy[2] == 2,
             "spectra of as many samples and frequencies");
  if (tiles < 1 || X[1] % tiles != 0)
    in.fail("tiles that divide " + std::to_string(X[1]) + " frequencies, not " +
            std::to_string(tiles));
  return {{in[0].dtype, {X[1] / tiles, 2, X[3], dy[3]}}};
}

}  // namespace evenkeel
