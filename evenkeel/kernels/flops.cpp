// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/flops.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace evenkeel {
namespace {

double elements(const ValueType& type) { return static_cast<double>(type.shape.elements()); }

// y: [N,P,Q,K]  W: [R,S,C,K]
double convolution(const ValueType& y, const ValueType& W) {
  return 2 * elements(y) * elements(W) / static_cast<double>(W.shape[3]);
}

// Spectrum: [N,F,2,C], or of tiles [N,T F,2,C]
double transform(std::int64_t size, const ValueType& spectrum) {
  const auto n = static_cast<double>(size);
  const std::int64_t tiles = spectrum.shape[1] / frequencies_of(size);
  const auto fields = static_cast<double>(spectrum.shape[0] * tiles * spectrum.shape[3]);
  return fields * 5 * n * n * std::log2(n);
}

// y: [N,P,Q,K] in tiles of tile x tile
double winograd_products(std::int64_t tile, const ValueType& y) {
  const auto tiles = [&](std::int64_t extent) { return (extent + tile - 1) / tile; };
  const Shape& shape = y.shape;
  return static_cast<double>(winograd_frequencies(tile) * shape[0] * tiles(shape[1]) *
                             tiles(shape[2]) * shape[3]);
}

struct Flops {
  const Call& call;

  double operator()(const Conv2d&) const { return convolution(call.outputs[0], call.inputs[1]); }
  double operator()(const Conv2dGradData&) const {
    return convolution(call.inputs[0], call.inputs[1]);
  }
  double operator()(const Conv2dGradKernel&) const {
    return convolution(call.inputs[1], call.outputs[0]);
  }
  // Of each window one place.
  double operator()(const UnpooledConv2dGradKernel&) const {
    return convolution(call.inputs[1], call.outputs[0]);
  }
  // y: [M,K], and C is the other extent of a
  double operator()(const MatMul& op) const {
    const Shape& a = call.inputs[0].shape;
    return 2 * elements(call.outputs[0]) * static_cast<double>(a[op.transpose_a ? 0 : 1]);
  }
  // Additions and multiplications of both dimensions' transforms, five for each number and
  // doubling.
  double operator()(const Fft2d& op) const { return transform(op.size, call.outputs[0]); }
  double operator()(const InverseFft2d& op) const { return transform(op.size, call.inputs[0]); }
  double operator()(const UnpooledFft2d& op) const { return transform(op.size, call.outputs[0]); }
  double operator()(const TiledFft2d& op) const { return transform(op.size, call.outputs[0]); }
  double operator()(const InverseTiledFft2d& op) const {
    return transform(op.size, call.inputs[0]);
  }
  // A complex product is three real ones and five additions, of which the sum's two count.
  double operator()(const SpectralConv2d&) const {
    return 3 * elements(call.outputs[0]) * static_cast<double>(call.inputs[0].shape.back());
  }
  double operator()(const SpectralConv2dGradKernel& op) const {
    const std::int64_t samples = call.inputs[0].shape[0] * op.tiles;
    return 3 * elements(call.outputs[0]) * static_cast<double>(samples);
  }
  // Of each of F frequencies a product for every tile; the transforms are not counted.
  double operator()(const WinogradConv2d& op) const {
    return 2 * winograd_products(op.tile, call.outputs[0]) * channels(0);
  }
  double operator()(const WinogradConv2dGradKernel& op) const {
    return 2 * winograd_products(op.tile, call.inputs[1]) * channels(0);
  }
  double channels(std::size_t input) const {
    return static_cast<double>(call.inputs[input].shape.back());
  }
  // What a fused op's core takes: behind a prologue x, as large as what is made of it.
  Types core_inputs(const Fused& op) const {
    std::size_t behind = 0;  // inputs of the prologue
    for (const FusedPrologue& step : op.prologue)
      behind += input_count(step) - (behind == 0 ? 0 : 1);
    if (behind == 0) return {call.inputs.begin(), call.inputs.end()};
    Types inputs = {call.inputs[0]};
    inputs.insert(inputs.end(), call.inputs.begin() + static_cast<std::ptrdiff_t>(behind),
                  call.inputs.end());
    return inputs;
  }
  double of_core(const Fused& op) const {
    const Call core{std::visit([](const auto& of) { return Op(of); }, op.core), core_inputs(op),
                    call.outputs, call.threads};
    return std::visit(Flops{core}, op.core) +
           elements(call.inputs[0]) * static_cast<double>(op.prologue.size());
  }
  double operator()(const Fused& op) const {
    const double each = elements(call.outputs[0]);
    // Of a spectrum, as large as it is whatever is pooled.
    if (const auto* inverse = std::get_if<InverseFft2d>(&op.core))
      return (*this)(*inverse) + elements(call.inputs[0]) * static_cast<double>(op.epilogue.size());
    if (!op.epilogue.empty()) {
      // The core makes the map that is pooled, as many times as large.
      if (const auto* pool = std::get_if<MaxPool2d>(&op.epilogue.back())) {
        const auto windows = static_cast<double>(pool->stride[0] * pool->stride[1]);
        return windows * (of_core(op) + each * static_cast<double>(op.epilogue.size()));
      }
    }
    return of_core(op) + each * static_cast<double>(op.epilogue.size());
  }
  double operator()(const Input&) const { return 0; }
  double operator()(const State&) const { return 0; }
  double operator()(const Constant&) const { return 0; }
  double operator()(const Reshape&) const { return 0; }
  double operator()(const Reorder&) const { return 0; }
  double operator()(const Transpose&) const { return 0; }
  double operator()(const Concat&) const { return 0; }
  double operator()(const Slice&) const { return 0; }
  double operator()(const ZeroPad&) const { return 0; }
  template <typename Elementwise>
  double operator()(const Elementwise&) const {
    double largest = 0;
    for (const ValueType& type : call.inputs) largest = std::max(largest, elements(type));
    for (const ValueType& type : call.outputs) largest = std::max(largest, elements(type));
    return largest;
  }
};

}  // namespace

double flops_of(const Call& call) { return std::visit(Flops{call}, call.op); }

}  // namespace evenkeel
