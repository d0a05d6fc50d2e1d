// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/winograd_convolutions.h"

#include <algorithm>

namespace evenkeel {
namespace {

// x: [N,H,W,C]  W: [3,3,C,K]  y: [N,P,Q,K]. More padding than two pixels would be negative for dy.
template <typename ConvOp>
std::int64_t tile_of(const ConvOp& op, const ValueType& x, const Shape& W, const Shape& y,
                     std::int64_t batch, Math math) {
  const Shape& image = x.shape;
  if (op.stride != Pair{1, 1} || op.dilation != Pair{1, 1} || op.groups != 1) return 0;
  if (W[0] != 3 || W[1] != 3 || x.dtype != DType::f32 || !image.dynamic()) return 0;
  if (std::any_of(op.padding.begin(), op.padding.end(), [](auto side) { return side > 2; }))
    return 0;
  return winograd_tile({image[1], image[2], image[3], y[1], y[2], y[3], 3, 3, op.padding}, batch,
                       math);
}

// Adds nodes named "<node>/<suffix>".
Value add(Graph& to, const Node& node, Op op, std::vector<Value> inputs, const char* suffix) {
  return to.add(std::move(op), std::move(inputs), node.name + "/" + suffix);
}

std::vector<Value> forward(Graph& to, const Node& node, std::int64_t tile, const Conv2d& op,
                           const std::vector<Value>& in) {
  const Value U = add(to, node, WinogradKernel{tile, false}, {in[1]}, "kernel/tile");
  const std::int64_t K = node.outputs[0].shape[3];
  return {to.add(WinogradConv2d{tile, op.padding, K}, {in[0], U}, node.name)};
}

std::vector<Value> data_gradient(Graph& to, const Node& node, std::int64_t tile,
                                 const Conv2dGradData& op, const std::vector<Value>& in) {
  const Value U = add(to, node, WinogradKernel{tile, true}, {in[1]}, "kernel/tile");
  Padding4 padding;
  std::transform(op.padding.begin(), op.padding.end(), padding.begin(),
                 [](std::int64_t side) { return 2 - side; });
  const std::int64_t C = node.outputs[0].shape[3];
  return {to.add(WinogradConv2d{tile, padding, C}, {in[0], U}, node.name)};
}

// Sums that lanes can make on their own; each is written and read again.
std::int64_t parts_of(const Shape& W) {
  constexpr std::int64_t kSmall = 32 * 32;
  return W[2] * W[3] <= kSmall ? 8 : 4;
}

std::vector<Value> kernel_gradient(Graph& to, const Node& node, std::int64_t tile,
                                   const Conv2dGradKernel& op, const std::vector<Value>& in) {
  const Shape& W = node.outputs[0].shape;
  const WinogradConv2dGradKernel product{tile, op.padding, parts_of(W)};
  const Value sums = add(to, node, product, in, "tile");
  return {to.add(WinogradKernelGrad{tile, W[3]}, {sums}, node.name)};
}

double number(std::int64_t n) { return static_cast<double>(n); }

// Cost of an image, in multiplications and additions of a product.
double cost(const PlainConvolution& c, std::int64_t tile, std::int64_t batch) {
  const auto tiles_of = [&](std::int64_t extent) { return (extent + tile - 1) / tile; };
  const double tiles = number(tiles_of(c.P) * tiles_of(c.Q));
  const double F = number(winograd_frequencies(tile));
  const double C = number(kernel_blocks(c.C) * kKernelBlock);
  const double K = number(kernel_blocks(c.K) * kKernelBlock);
  // What a number in the transformed tiles costs beside its product, and one of the kernel's.
  constexpr double kTransform = 24;
  constexpr double kKernel = 60;
  return F * (2 * tiles * number(c.C) * K + kTransform * tiles * (C + K) +
              kKernel * C * K / number(batch));
}

}  // namespace

std::int64_t winograd_tile(const PlainConvolution& c, std::int64_t batch, Math math) {
  if (c.R != 3 || c.S != 3) return 0;
  const double direct = 2 * number(c.P * c.Q) * 9 * number(c.C) * number(c.K);
  constexpr double kWorthwhile = 1.2;
  std::int64_t best = 0;
  double least = direct / kWorthwhile;
  for (const std::int64_t tile : {2, 4}) {
    if (tile > 2 && math == Math::strict) continue;
    const double work = cost(c, tile, batch);
    if (work >= least) continue;
    best = tile;
    least = work;
  }
  return best;
}

Graph winograd_convolutions(const Graph& graph, std::int64_t batch, const Machine& machine,
                            Math math) {
  if (machine.kernels != KernelPreference::automatic && machine.kernels != KernelPreference::native)
    return graph;
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto type = [&](std::size_t input) { return from.type(node.inputs[input]); };
    const ValueType& out = node.outputs[0];
    if (const auto* op = std::get_if<Conv2d>(&node.op)) {
      if (const auto tile = tile_of(*op, type(0), type(1).shape, out.shape, batch, math))
        return forward(to, node, tile, *op, in);
    } else if (const auto* data = std::get_if<Conv2dGradData>(&node.op)) {
      if (const auto tile = tile_of(*data, out, type(1).shape, type(0).shape, batch, math))
        return data_gradient(to, node, tile, *data, in);
    } else if (const auto* kernel = std::get_if<Conv2dGradKernel>(&node.op)) {
      if (const auto tile = tile_of(*kernel, type(0), out.shape, type(1).shape, batch, math))
        return kernel_gradient(to, node, tile, *kernel, in);
    }
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
