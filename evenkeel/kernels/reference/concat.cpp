// SPDX-License-Identifier: Apache-2.0
// Concat, slice and zero_pad move runs of bytes: a run is what lies behind one another along the
// axis and all behind it.
#include <cstring>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {
namespace {

// How many runs a value has ahead of `axis`, and the bytes of one.
struct Runs {
  std::size_t count = 1;
  std::size_t bytes = 1;

  Runs(const ValueType& type, std::int64_t axis) {
    const std::size_t at = axis_index(axis, type.shape.rank());
    for (std::size_t i = 0; i < type.shape.rank(); ++i)
      (i < at ? count : bytes) *= static_cast<std::size_t>(type.shape[i]);
    bytes *= size_of(type.dtype);
  }
};

struct ConcatKernel : PlainKernel {
  using Op = Concat;
  static constexpr std::string_view name = "reference/concat";
  static constexpr auto in_place = kNeverInPlace;

  // each: [..,C_i,..] -> y: [.., sum C_i, ..]
  static void run(const Operands<Concat>& o) {
    const Runs y(o.call.outputs[0], o.op.axis);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < o.call.inputs.size(); ++i) {
      const Runs x(o.call.inputs[i], o.op.axis);
      for (std::size_t run = 0; run < y.count; ++run)
        std::memcpy(o.out<std::byte>(0) + run * y.bytes + begin, o.in<std::byte>(i) + run * x.bytes,
                    x.bytes);
      begin += x.bytes;
    }
  }
};

struct SliceKernel : PlainKernel {
  using Op = Slice;
  static constexpr std::string_view name = "reference/slice";
  static constexpr auto in_place = kNeverInPlace;

  // x: [..,C,..] -> y: [.., end - begin, ..]
  static void run(const Operands<Slice>& o) {
    const Runs x(o.call.inputs[0], o.op.axis);
    const Runs y(o.call.outputs[0], o.op.axis);
    const auto extent = static_cast<std::size_t>(o.op.end - o.op.begin);
    const std::size_t begin = y.bytes / extent * static_cast<std::size_t>(o.op.begin);
    for (std::size_t run = 0; run < y.count; ++run)
      std::memcpy(o.out<std::byte>(0) + run * y.bytes, o.in<std::byte>(0) + run * x.bytes + begin,
                  y.bytes);
  }
};

struct ZeroPadKernel : PlainKernel {
  using Op = ZeroPad;
  static constexpr std::string_view name = "reference/zero_pad";
  static constexpr auto in_place = kNeverInPlace;

  // x: [..,C,..] -> y: [.., before + C + after, ..]
  static void run(const Operands<ZeroPad>& o) {
    const Runs x(o.call.inputs[0], o.op.axis);
    const Runs y(o.call.outputs[0], o.op.axis);
    const Shape& wide = o.out_shape(0);
    const auto extent = static_cast<std::size_t>(wide[axis_index(o.op.axis, wide.rank())]);
    const std::size_t before = y.bytes / extent * static_cast<std::size_t>(o.op.before);
    std::memset(o.out<std::byte>(0), 0, y.count * y.bytes);
    for (std::size_t run = 0; run < y.count; ++run)
      std::memcpy(o.out<std::byte>(0) + run * y.bytes + before, o.in<std::byte>(0) + run * x.bytes,
                  x.bytes);
  }
};

}  // namespace

KernelEntry concat() { return entry_of<ConcatKernel>(); }
KernelEntry slice() { return entry_of<SliceKernel>(); }
KernelEntry zero_pad() { return entry_of<ZeroPadKernel>(); }

}  // namespace evenkeel::reference
