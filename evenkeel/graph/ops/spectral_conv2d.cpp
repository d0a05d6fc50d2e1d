// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/spectral_conv2d.h"

namespace evenkeel {
namespace {

void require_two(const ShapeScope& in) {
  in.require_inputs(2);
  in.require_float(0, 4);
  in.require_float(1, 4);
  in.require(in[0].dtype == in[1].dtype, "spectra of one dtype");
  in.require(in[0].shape[2] == 2, "a spectrum [N,F,2,C]");
}

}  // namespace

// X: [N,F,2,C]  W: [F,2,C,K]
Types SpectralConv2d::infer(const ShapeScope& in) const {
  require_two(in);
  const Shape& X = in[0].shape;
  const Shape& W = in[1].shape;
  in.require(!W.dynamic() && W[1] == 2, "a kernel's spectrum [F,2,C,K]");
  if (W[0] != X[1] || W[2] != X[3])
    in.fail("a kernel's spectrum [" + std::to_string(X[1]) + ",2," + std::to_string(X[3]) + ",K]");
  return {{in[0].dtype, {X[0], X[1], 2, W[3]}}};
}

// X: [N,F,2,C]  dY: [N,F,2,K]
Types SpectralConv2dGradKernel::infer(const ShapeScope& in) const {
  require_two(in);
  const Shape& X = in[0].shape;
  const Shape& dy = in[1].shape;
  in.require(X[0] == dy[0] && X[1] == dy[1] && dy[2] == 2,
             "spectra of as many samples and frequencies");
  return {{in[0].dtype, {X[1], 2, X[3], dy[3]}}};
}

}  // namespace evenkeel
