// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/fft_convolutions.h"

#include <algorithm>
#include <cmath>

namespace evenkeel {
namespace {

bool is_ours(const Op& op, const Types& inputs, const Types& outputs) {
  const Call call{op, inputs, outputs, 1};
  const auto entries = native_kernels();
  return std::any_of(entries.begin(), entries.end(), [&](const KernelEntry& entry) {
    return entry.op == op.index() && entry.accepts(call);
  });
}

bool transforms(std::int64_t size) {
  const Types x = {{DType::f32, {1, 1, 1, 1}}};
  return is_ours(Fft2d{size, {0, 0}}, x, {{DType::f32, {1, frequencies_of(size), 2, 1}}});
}

constexpr std::int64_t kLargestField = 40;
constexpr std::int64_t kLargestTile = 32;

// A field in which nothing of x, padded, wraps around onto itself, and y, dx and dW are whole.
FftFields whole_field(const PlainConvolution& c) {
  const std::int64_t least = std::max({c.H + c.padding[0], c.H + c.padding[1], c.W + c.padding[2],
                                       c.W + c.padding[3], c.P, c.Q, c.R, c.S});
  for (std::int64_t size = least; size <= kLargestField; ++size)
    if (transforms(size)) return {size, {1, 1}, {c.P, c.Q}};
  return {};
}

// Tiles of a size, in whose first `step` pixels of y nothing wraps around.
FftFields tiled_fields(const PlainConvolution& c, std::int64_t size) {
  const Pair step = {size - c.R + 1, size - c.S + 1};
  return {size, {(c.P + step[0] - 1) / step[0], (c.Q + step[1] - 1) / step[1]}, step};
}

double as_number(std::int64_t n) { return static_cast<double>(n); }

// Additions and multiplications for an image. What a kernel's spectra cost is shared by a batch,
// and bringing one to its product by a slice.
double fft_cost(const PlainConvolution& c, const FftFields& fields, std::int64_t batch) {
  const double n = as_number(fields.size);
  const double pairs = as_number(c.C) * as_number(c.K);
  const double tiles = as_number(fields.tiles[0] * fields.tiles[1]);
  const double product = 6 * as_number(frequencies_of(fields.size)) * pairs;
  const double field = 3 * 5 * n * n * std::log2(n);
  const double transformed =
      field * (tiles * (as_number(c.C) + as_number(c.K)) + pairs / as_number(batch));
  const double packing = 4 * product / as_number(slice_of(batch));
  return tiles * product + transformed + packing;
}

// The cheapest of all tiles.
FftFields best_tiles(const PlainConvolution& c, std::int64_t batch) {
  FftFields best;
  for (std::int64_t size = std::max(c.R, c.S) + 1; size <= kLargestTile; ++size) {
    if (!transforms(size)) continue;
    const FftFields fields = tiled_fields(c, size);
    if (best.size == 0 || fft_cost(c, fields, batch) < fft_cost(c, best, batch)) best = fields;
  }
  return best;
}

template <typename ConvOp>
bool plain(const ConvOp& op) {
  return op.stride == Pair{1, 1} && op.dilation == Pair{1, 1} && op.groups == 1;
}

// x: [N,H,W,C]  W: [R,S,C,K]  y: [N,P,Q,K]
template <typename ConvOp>
FftFields fields_of(const ConvOp& op, const ValueType& x, const Shape& W, const Shape& y,
                    std::int64_t batch) {
  const Shape& image = x.shape;
  if (!plain(op) || x.dtype != DType::f32 || !image.dynamic()) return {};
  return fft_fields({image[1], image[2], image[3], y[1], y[2], y[3], W[0], W[1], op.padding},
                    batch);
}

// Adds nodes named "<node>/<suffix>".
struct Spectra {
  Graph& to;
  const Node& node;
  FftFields fields;

  Value add(Op op, std::vector<Value> inputs, const char* suffix) const {
    return to.add(std::move(op), std::move(inputs), node.name + "/" + suffix);
  }
  // What a tile reads of x, of which it makes `step` of y: R - 1 and S - 1 more.
  Pair reach(const Shape& W) const {
    return {fields.step[0] + W[0] - 1, fields.step[1] + W[1] - 1};
  }
  // x: [N,H,W,C] -> [N,T F,2,C]; a tile takes `extent`.
  Value of(Value x, Pair place, Pair extent, const char* suffix) const {
    if (!fields.tiled()) return add(Fft2d{fields.size, place}, {x}, suffix);
    return add(TiledFft2d{fields.size, place, fields.tiles, fields.step, extent}, {x}, suffix);
  }
  // W: [R,S,C,K] -> [F,2,C,K], as an image of C K channels, and that in blocks for products.
  Value of_kernel(Value W, const SpectralKernel& op) const {
    const Shape shape = to.type(W).shape;
    const std::int64_t F = frequencies_of(fields.size);
    W = add(Reshape{{1, shape[0], shape[1], shape[2] * shape[3]}}, {W}, "kernel/image");
    W = add(Fft2d{fields.size, {0, 0}}, {W}, "kernel/spectrum");
    W = add(Reshape{{F, 2, shape[2], shape[3]}}, {W}, "kernel/frequencies");
    return add(op, {W}, "kernel/blocks");
  }
  // [N,T F,2,C] -> `map` pixels from `place` on; a tile gives `extent`.
  std::vector<Value> back(Value Y, Pair place, Pair extent, Pair map) const {
    if (!fields.tiled()) return {to.add(InverseFft2d{fields.size, place, map}, {Y}, node.name)};
    return {to.add(InverseTiledFft2d{fields.size, place, fields.tiles, fields.step, extent, map},
                   {Y}, node.name)};
  }
};

Pair place_of(const Padding4& padding) { return {padding[0], padding[2]}; }

std::vector<Value> forward(const Spectra& s, const Conv2d& op, const std::vector<Value>& in) {
  const Shape& y = s.node.outputs[0].shape;
  const Pair reach = s.reach(s.to.type(in[1]).shape);
  const Value X = s.of(in[0], place_of(op.padding), reach, "image/spectrum");
  const Value B = s.of_kernel(in[1], {.conjugate = true});
  const Value Y = s.add(SpectralConv2d{y[3]}, {X, B}, "spectrum");
  return s.back(Y, {0, 0}, s.fields.step, {y[1], y[2]});
}

std::vector<Value> data_gradient(const Spectra& s, const Conv2dGradData& op,
                                 const std::vector<Value>& in) {
  const Pair reach = s.reach(s.to.type(in[1]).shape);
  const Value slopes = s.of(in[0], {0, 0}, s.fields.step, "gradient/spectrum");
  const Value B = s.of_kernel(in[1], {.transposed = true});
  const Value image = s.add(SpectralConv2d{s.node.outputs[0].shape[3]}, {slopes, B}, "spectrum");
  return s.back(image, place_of(op.padding), reach, op.size);
}

std::vector<Value> kernel_gradient(const Spectra& s, const Conv2dGradKernel& op,
                                   const std::vector<Value>& in) {
  const Shape W = s.node.outputs[0].shape;
  const Value X = s.of(in[0], place_of(op.padding), s.reach(W), "image/spectrum");
  const Value slopes = s.of(in[1], {0, 0}, s.fields.step, "gradient/spectrum");
  const std::int64_t tiles = s.fields.tiles[0] * s.fields.tiles[1];
  const std::int64_t size = s.fields.size;
  Value result = s.add(SpectralConv2dGradKernel{tiles}, {X, slopes}, "spectrum");
  result = s.add(Reshape{{1, frequencies_of(size), 2, W[2] * W[3]}}, {result}, "image/frequencies");
  result = s.add(InverseFft2d{size, {0, 0}, op.kernel}, {result}, "image");
  return {s.to.add(Reshape{W}, {result}, s.node.name)};
}

}  // namespace

FftFields fft_fields(const PlainConvolution& c, std::int64_t batch) {
  FftFields fields = whole_field(c);
  if (fields.size == 0) fields = best_tiles(c, batch);
  if (fields.size == 0) return {};
  const double direct = 2 * as_number(c.P) * as_number(c.Q) * as_number(c.R) * as_number(c.S) *
                        as_number(c.C) * as_number(c.K);
  constexpr double kWorthwhile = 1.3;
  return direct > kWorthwhile * fft_cost(c, fields, batch) ? fields : FftFields{};
}

Graph fft_convolutions(const Graph& graph, std::int64_t batch, const Machine& machine) {
  if (machine.kernels != KernelPreference::automatic && machine.kernels != KernelPreference::native)
    return graph;
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto type = [&](std::size_t input) { return from.type(node.inputs[input]); };
    const ValueType& out = node.outputs[0];
    if (const auto* op = std::get_if<Conv2d>(&node.op)) {
      const FftFields fields = fields_of(*op, type(0), type(1).shape, out.shape, batch);
      if (fields.size > 0) return forward({to, node, fields}, *op, in);
    } else if (const auto* data = std::get_if<Conv2dGradData>(&node.op)) {
      const FftFields fields = fields_of(*data, out, type(1).shape, type(0).shape, batch);
      if (fields.size > 0) return data_gradient({to, node, fields}, *data, in);
    } else if (const auto* kernel = std::get_if<Conv2dGradKernel>(&node.op)) {
      const FftFields fields = fields_of(*kernel, type(0), out.shape, type(1).shape, batch);
      if (fields.size > 0) return kernel_gradient({to, node, fields}, *kernel, in);
    }
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
