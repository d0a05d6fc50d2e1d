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

// Fields in which nothing of x, padded, wraps around onto itself, and y, dx and dW are whole.
std::int64_t smallest_field(const PlainConvolution& c) {
  const std::int64_t least = std::max({c.H + c.padding[0], c.H + c.padding[1], c.W + c.padding[2],
                                       c.W + c.padding[3], c.P, c.Q, c.R, c.S});
  constexpr std::int64_t kLargest = 40;
  for (std::int64_t size = least; size <= kLargest; ++size)
    if (transforms(size)) return size;
  return 0;
}

template <typename ConvOp>
bool plain(const ConvOp& op) {
  return op.stride == Pair{1, 1} && op.dilation == Pair{1, 1} && op.groups == 1;
}

// x: [N,H,W,C]  W: [R,S,C,K]  y: [N,P,Q,K]
template <typename ConvOp>
std::int64_t size_of(const ConvOp& op, const ValueType& x, const Shape& W, const Shape& y,
                     std::int64_t batch) {
  const Shape& image = x.shape;
  if (!plain(op) || x.dtype != DType::f32 || !image.dynamic()) return 0;
  return fft_size({image[1], image[2], image[3], y[1], y[2], y[3], W[0], W[1], op.padding}, batch);
}

// Adds nodes named "<node>/<suffix>".
struct Spectra {
  Graph& to;
  const Node& node;
  std::int64_t size;

  Value add(Op op, std::vector<Value> inputs, const char* suffix) const {
    return to.add(std::move(op), std::move(inputs), node.name + "/" + suffix);
  }
  // x: [N,H,W,C] -> [N,F,2,C]
  Value of(Value x, Pair place, const char* suffix) const {
    return add(Fft2d{size, place}, {x}, suffix);
  }
  // W: [R,S,C,K] -> [F,2,C,K], as an image of C K channels, and that in blocks for products.
  Value of_kernel(Value W, const SpectralKernel& op) const {
    const Shape shape = to.type(W).shape;
    const std::int64_t F = frequencies_of(size);
    W = add(Reshape{{1, shape[0], shape[1], shape[2] * shape[3]}}, {W}, "kernel/image");
    W = of(W, {0, 0}, "kernel/spectrum");
    W = add(Reshape{{F, 2, shape[2], shape[3]}}, {W}, "kernel/frequencies");
    return add(op, {W}, "kernel/blocks");
  }
  std::vector<Value> back(Value Y, Pair place, Pair extent) const {
    return {to.add(InverseFft2d{size, place, extent}, {Y}, node.name)};
  }
};

Pair place_of(const Padding4& padding) { return {padding[0], padding[2]}; }

std::vector<Value> forward(const Spectra& s, const Conv2d& op, const std::vector<Value>& in) {
  const Shape& y = s.node.outputs[0].shape;
  const Value X = s.of(in[0], place_of(op.padding), "image/spectrum");
  const Value B = s.of_kernel(in[1], {.conjugate = true});
  const Value Y = s.add(SpectralConv2d{y[3]}, {X, B}, "spectrum");
  return s.back(Y, {0, 0}, {y[1], y[2]});
}

std::vector<Value> data_gradient(const Spectra& s, const Conv2dGradData& op,
                                 const std::vector<Value>& in) {
  const Value slopes = s.of(in[0], {0, 0}, "gradient/spectrum");
  const Value B = s.of_kernel(in[1], {.transposed = true});
  const Value image = s.add(SpectralConv2d{s.node.outputs[0].shape[3]}, {slopes, B}, "spectrum");
  return s.back(image, place_of(op.padding), op.size);
}

std::vector<Value> kernel_gradient(const Spectra& s, const Conv2dGradKernel& op,
                                   const std::vector<Value>& in) {
  const Shape W = s.node.outputs[0].shape;
  const Value X = s.of(in[0], place_of(op.padding), "image/spectrum");
  const Value slopes = s.of(in[1], {0, 0}, "gradient/spectrum");
  Value result = s.add(SpectralConv2dGradKernel{}, {X, slopes}, "spectrum");
  result =
      s.add(Reshape{{1, frequencies_of(s.size), 2, W[2] * W[3]}}, {result}, "image/frequencies");
  result = s.add(InverseFft2d{s.size, {0, 0}, op.kernel}, {result}, "image");
  return {s.to.add(Reshape{W}, {result}, s.node.name)};
}

}  // namespace

std::int64_t fft_size(const PlainConvolution& c, std::int64_t batch) {
  const std::int64_t size = smallest_field(c);
  if (size == 0) return 0;
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double n = number(size);
  // Additions and multiplications for an image. What a kernel's spectra cost is shared by a batch,
  // and bringing one to its product by a slice.
  const double pairs = number(c.C) * number(c.K);
  const double direct = 2 * number(c.P) * number(c.Q) * number(c.R) * number(c.S) * pairs;
  const double product = 6 * number(frequencies_of(size)) * pairs;
  const double field = 3 * 5 * n * n * std::log2(n);
  const double transforms = field * (number(c.C) + number(c.K) + pairs / number(batch));
  const double packing = 4 * product / number(slice_of(batch));
  constexpr double kWorthwhile = 1.3;
  return direct > kWorthwhile * (product + transforms + packing) ? size : 0;
}

Graph fft_convolutions(const Graph& graph, std::int64_t batch, const Machine& machine) {
  if (machine.kernels != KernelPreference::automatic && machine.kernels != KernelPreference::native)
    return graph;
  return rewrite(graph, [&](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& in) {
    const Node& node = from.node(id);
    const auto type = [&](std::size_t input) { return from.type(node.inputs[input]); };
    const ValueType& out = node.outputs[0];
    if (const auto* op = std::get_if<Conv2d>(&node.op)) {
      if (const auto size = size_of(*op, type(0), type(1).shape, out.shape, batch))
        return forward({to, node, size}, *op, in);
    } else if (const auto* data = std::get_if<Conv2dGradData>(&node.op)) {
      if (const auto size = size_of(*data, out, type(1).shape, type(0).shape, batch))
        return data_gradient({to, node, size}, *data, in);
    } else if (const auto* kernel = std::get_if<Conv2dGradKernel>(&node.op)) {
      if (const auto size = size_of(*kernel, type(0), out.shape, type(1).shape, batch))
        return kernel_gradient({to, node, size}, *kernel, in);
    }
    return keep(to, from, id, in);
  });
}

}  // namespace evenkeel
