// SPDX-License-Identifier: Apache-2.0
// The gradient of a direct convolution by its kernel: six channels of a tap by a panel of dy's stay
// in registers over a chunk of pixels; a table knows which of x and dy meet in a tap.
#include "evenkeel/kernels/native/direct_conv2d.h"
#include "evenkeel/kernels/native/entries.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evenkeel/kernels/native/conv2d_grad_kernel.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Per instruction set, so behind foreach_target.h.
#include "evenkeel/kernels/native/gathered-inl.h"
#include "evenkeel/kernels/native/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::native {
namespace HWY_NAMESPACE {
namespace {

// A panel's sums for the blocks [begin, end) of rows, of some images.
HWY_INLINE void add_chunk(const PairedProduct& p, const float* x, const float* slopes, size_t chunk,
                          size_t images, size_t begin, size_t end, float* sums) {
  for (size_t block = begin; block < end; ++block) {
    const PixelPairs& pairs = p.meeting[chunk * p.taps + block / p.parts];
    const size_t c = p.part(block % p.parts);
    add_pixel_pairs(p.part(block % p.parts + 1) - c, x + c, slopes, p.pairs + pairs.first,
                    pairs.count * images, sums + (p.row(block) - p.row(begin)) * panel_width());
  }
}

// Of all images, for the channels [k, k + columns).
void add_panel(const PairedProduct& p, const float* x, const float* dy, size_t k, size_t columns,
               size_t begin, size_t end, float* slopes, float* sums) {
  for (size_t n = 0; n < p.images; n += p.at_once) {
    const size_t images = HWY_MIN(p.at_once, p.images - n);
    for (size_t chunk = 0; chunk < p.count; ++chunk) {
      const size_t pixels = p.chunks[chunk].end - p.chunks[chunk].begin;
      const size_t first = n * p.pixels + p.chunks[chunk].begin;
      // Where several images are taken at once their chunk is the whole image.
      pack_along(dy + first * p.K + k, p.K, columns, pixels * images, panel_width(), slopes);
      add_chunk(p, x + n * p.image_of_x, slopes, chunk, images, begin, end, sums);
    }
  }
}

// The blocks [begin, end) of dW's rows.
void paired_product(const PairedProduct& p, const float* x, const float* dy, float* kernel,
                    size_t begin, size_t end, float* scratch) {
  const size_t width = panel_width();
  float* slopes = scratch;
  float* sums = slopes + kChunkPixels * kDirectBlock;
  const size_t rows = p.row(end) - p.row(begin);
  for (size_t k = 0; k < p.K; k += width) {
    const size_t columns = HWY_MIN(width, p.K - k);
    std::fill_n(sums, rows * width, 0.0F);
    add_panel(p, x, dy, k, columns, begin, end, slopes, sums);
    float* to = kernel + p.row(begin) * p.K + k;
    for (size_t row = 0; row < rows; ++row)
      std::copy_n(sums + row * width, columns, to + row * p.K);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::native
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::native {
namespace {

HWY_EXPORT(paired_product);

// By blocks of rows (tap, c) of dW, of which there are more than blocks of its channels.
struct DirectConv2dGradKernelKernel {
  using Op = Conv2dGradKernel;
  static constexpr std::string_view name = "native/conv2d_grad_kernel";
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  static constexpr auto in_place = kNeverInPlace;
  static constexpr std::array whole = {0, 1};
  static bool accepts(const Call& call) {
    return all_f32(call) && takes_directly(std::get<Op>(call.op), shape_of(call));
  }
  static DirectConv2d shape_of(const Call& call) {
    return {std::get<Op>(call.op), call.inputs[0].shape, call.outputs[0].shape,
            call.inputs[1].shape};
  }
  static std::int64_t parts_of(const DirectConv2d& z) { return blocks_of(z.C, kGatheredRows); }
  static std::int64_t rows_of_blocks(const Call& call) {
    const DirectConv2d z = shape_of(call);
    return z.taps() * parts_of(z);
  }
  // An empty block more where there would be as many as of channels: a reader by channels of what
  // it takes for its own block would begin too early.
  static std::int64_t extent(const Call& call) {
    const std::int64_t blocks = rows_of_blocks(call);
    return blocks + (blocks == blocks_of(call.outputs[0].shape.back(), kChannelBlock) ? 1 : 0);
  }
  static std::size_t scratch_bytes(const Call& call) {
    const DirectConv2d z = shape_of(call);
    return static_cast<std::size_t>(kChunkPixels + z.taps() * z.C) * kDirectBlock * sizeof(float);
  }
  explicit DirectConv2dGradKernelKernel(const Call& call) : blocks(rows_of_blocks(call)) {
    const DirectConv2d z = shape_of(call);
    table = paired_pixels(z);
    product.images = static_cast<std::size_t>(z.N);
    product.C = static_cast<std::size_t>(z.C);
    product.K = static_cast<std::size_t>(z.K);
    product.taps = static_cast<std::size_t>(z.taps());
    product.image_of_x = static_cast<std::size_t>(z.H * z.W * z.C);
    product.pixels = static_cast<std::size_t>(z.P * z.Q);
    product.at_once = table.images;
    product.parts = static_cast<std::size_t>(parts_of(z));
  }
  void run(const Args& args, Range range) const {
    PairedProduct p = product;
    p.pairs = table.pairs.data();
    p.meeting = table.taps.data();
    p.chunks = table.chunks.data();
    p.count = table.chunks.size();
    HWY_DYNAMIC_DISPATCH(paired_product)
    (p, in<float>(args, 0), in<float>(args, 1), out<float>(args, 0),
     static_cast<std::size_t>(range.begin), static_cast<std::size_t>(std::min(range.end, blocks)),
     reinterpret_cast<float*>(args.scratch));
  }
  std::int64_t blocks;
  PairedPixels table;
  PairedProduct product = {};
};

}  // namespace

KernelEntry conv2d_grad_kernel() { return entry_of<DirectConv2dGradKernelKernel>(); }

}  // namespace evenkeel::native
#endif  // HWY_ONCE
