// SPDX-License-Identifier: Apache-2.0
// Convolutions with a stride, and their gradients by the data, as direct sums: a panel of the
// kernel after the other stays in the cache, and every tap of a block of pixels runs over the
// channels of the pixels that it reads.
#include <optional>

#include "evenkeel/kernels/native/direct_conv2d.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/epilogue.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/conv2d.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/gathered-inl.h"
#include "evenkeel/kernels/native/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// Channels [k, k + columns) of the result: [taps][depth][width], zeros behind the last.
void pack_panel(const GatheredProduct& p, const float* kernel, size_t k, size_t columns,
                size_t width, float* panel) {
  for (size_t tap = 0; tap < p.taps; ++tap, panel += p.depth * width) {
    const float* W = kernel + tap * p.depth * p.columns;
    if (p.across)
      pack_across(W + k * p.depth, p.depth, columns, p.depth, width, panel);
    else
      pack_along(W + k, p.columns, columns, p.depth, width, panel);
  }
}

// The channels [begin, end) of y.
void gathered_product(const GatheredProduct& p, const float* x, const float* kernel,
                      const float* bias, float* y, size_t begin, size_t end, float* scratch) {
  const size_t L = hn::Lanes(PanelLanes());
  float* panel = scratch;
  float* zeros = panel + p.taps * p.depth * kDirectBlock;
  std::fill_n(zeros, p.depth, 0.0F);
  HWY_ALIGN float biases[kDirectBlock] = {};
  for (size_t k = begin; k < end;) {
    const bool pair = end - k > L;
    const size_t width = pair ? 2 * L : L;
    const size_t columns = HWY_MIN(width, end - k);
    pack_panel(p, kernel, k, columns, width, panel);
    if (bias != nullptr) std::copy_n(bias + k, columns, biases);
    GatheredFrom from = {x, zeros, panel, p.depth};
    GatheredTo to = {y + k, columns, bias != nullptr ? biases : nullptr, p.relu};
    for (size_t n = 0; n < p.images; ++n, from.x += p.image_of_x, to.y += p.image_of_y)
      for (size_t b = 0; b < p.count; ++b) gathered(p.blocks[b], p.all, from, to, pair);
    k += width;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(gathered_product);

// The convolution of a Conv2d, or of a Fused with it as core.
const Conv2d& conv_of(const Conv2d& op) { return op; }
const Conv2d& conv_of(const Fused& op) { return std::get<Conv2d>(op.core); }
std::optional<Epilogue> direct_epilogue_of(const Conv2d&) { return Epilogue{}; }
std::optional<Epilogue> direct_epilogue_of(const Fused& op) {
  if (!std::holds_alternative<Conv2d>(op.core)) return std::nullopt;
  return epilogue_of(op.epilogue);
}

// By blocks of the result's channels.
struct GatheredKernel {
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1, 2};
  static std::int64_t extent(const Call& call) {
    return blocks_of(call.outputs[0].shape.back(), kDirectBlock);
  }

  // From images of `depth` channels to images of `columns`.
  void describe(const DirectConv2d& z, bool to_x) {
    product.images = static_cast<std::size_t>(z.N);
    product.taps = static_cast<std::size_t>(z.taps());
    product.depth = static_cast<std::size_t>(to_x ? z.K : z.C);
    product.columns = static_cast<std::size_t>(to_x ? z.C : z.K);
    product.image_of_x = static_cast<std::size_t>(to_x ? z.P * z.Q : z.H * z.W) * product.depth;
    product.image_of_y = static_cast<std::size_t>(to_x ? z.H * z.W : z.P * z.Q) * product.columns;
    product.across = to_x;
  }
  void run_on(const Args& args, const float* bias, Range range) const {
    GatheredProduct p = product;
    p.all = table.taps.data();
    p.blocks = table.blocks.data();
    p.count = table.blocks.size();
    const auto begin = static_cast<std::size_t>(range.begin) * kDirectBlock;
    const auto end = static_cast<std::size_t>(range.end) * kDirectBlock;
    HWY_DYNAMIC_DISPATCH(gathered_product)
    (p, in<float>(args, 0), in<float>(args, 1), bias, out<float>(args, 0), begin,
     std::min(end, p.columns), reinterpret_cast<float*>(args.scratch));
  }
  static std::size_t floats(const DirectConv2d& z, std::int64_t depth) {
    return static_cast<std::size_t>((z.taps() * kDirectBlock + 1) * depth);
  }

  Gathered table;
  GatheredProduct product = {};
};

template <typename OpType>
struct DirectConv2dKernel : GatheredKernel {
  using Op = OpType;
  static constexpr std::string_view name =
      std::is_same_v<Op, Conv2d> ? "native/conv2d" : "native/fused/conv2d";
  static bool accepts(const Call& call) {
    const auto& op = std::get<Op>(call.op);
    return direct_epilogue_of(op) && all_f32(call) && takes_directly(conv_of(op), shape_of(call));
  }
  static DirectConv2d shape_of(const Call& call) {
    return {conv_of(std::get<Op>(call.op)), call.inputs[0].shape, call.inputs[1].shape,
            call.outputs[0].shape};
  }
  static std::size_t scratch_bytes(const Call& call) {
    const DirectConv2d z = shape_of(call);
    return floats(z, z.C) * sizeof(float);
  }
  explicit DirectConv2dKernel(const Call& call)
      : epilogue(*direct_epilogue_of(std::get<Op>(call.op))) {
    const DirectConv2d z = shape_of(call);
    describe(z, false);
    product.relu = epilogue.relu;
    table = gathered_forward(z);
  }
  void run(const Args& args, Range range) const {
    run_on(args, epilogue.bias ? in<float>(args, 2) : nullptr, range);
  }
  Epilogue epilogue;
};

struct DirectConv2dGradDataKernel : GatheredKernel {
  using Op = Conv2dGradData;
  static constexpr std::string_view name = "native/conv2d_grad_data";
  static bool accepts(const Call& call) {
    return all_f32(call) && takes_directly(std::get<Op>(call.op), shape_of(call));
  }
  static DirectConv2d shape_of(const Call& call) {
    return {std::get<Op>(call.op), call.outputs[0].shape, call.inputs[1].shape,
            call.inputs[0].shape};
  }
  static std::size_t scratch_bytes(const Call& call) {
    const DirectConv2d z = shape_of(call);
    return floats(z, z.K) * sizeof(float);
  }
  explicit DirectConv2dGradDataKernel(const Call& call) {
    const DirectConv2d z = shape_of(call);
    describe(z, true);
    table = gathered_data(z);
  }
  void run(const Args& args, Range range) const { run_on(args, nullptr, range); }
};

}  // namespace

KernelEntry conv2d() { return entry_of<DirectConv2dKernel<Conv2d>>(); }
KernelEntry fused_conv2d() { return entry_of<DirectConv2dKernel<Fused>>(); }
KernelEntry conv2d_grad_data() { return entry_of<DirectConv2dGradDataKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
