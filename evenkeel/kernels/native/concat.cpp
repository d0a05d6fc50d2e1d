// SPDX-License-Identifier: Apache-2.0
// Concat, slice and zero_pad move runs of floats: a run is what lies behind one another along the
// axis and all behind it.
#include <cstring>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// How many runs a value has ahead of `axis`, and the elements of one.
struct Runs {
  std::size_t count = 1;
  std::size_t elements = 1;

  Runs(const ValueType& type, std::int64_t axis) {
    const std::size_t at = axis_index(axis, type.shape.rank());
    for (std::size_t i = 0; i < type.shape.rank(); ++i)
      (i < at ? count : elements) *= static_cast<std::size_t>(type.shape[i]);
  }
};

// Copies `count` pieces of `elements`, each `from_step` and `to_step` behind the one before.
void copy_pieces(const float* from, std::size_t from_step, float* to, std::size_t to_step,
                 std::size_t elements, std::size_t count) {
  for (; count > 0; --count, from += from_step, to += to_step)
    std::memcpy(to, from, elements * sizeof(float));
}

// Elements of one index along `axis` and all behind it.
std::size_t elements_behind(const ValueType& type, std::int64_t axis) {
  const std::size_t at = axis_index(axis, type.shape.rank());
  return Runs(type, axis).elements / static_cast<std::size_t>(type.shape[at]);
}

struct MovingKernel {
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
};

// each: [..,C_i,..] -> y: [.., sum C_i, ..].
struct ConcatKernel : MovingKernel {
  using Op = Concat;
  static constexpr std::string_view name = "native/concat";
  explicit ConcatKernel(const Call& call) : y(call.outputs[0], std::get<Op>(call.op).axis) {
    for (const ValueType& type : call.inputs)
      parts.push_back(Runs(type, std::get<Op>(call.op).axis).elements);
  }
  void run(const Args& args, Range) const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      copy_pieces(in<float>(args, i), parts[i], out<float>(args, 0) + begin, y.elements, parts[i],
                  y.count);
      begin += parts[i];
    }
  }
  Runs y;
  std::vector<std::size_t> parts;  // the elements of each input's runs
};

// x: [..,C,..] -> y: [.., end - begin, ..].
struct SliceKernel : MovingKernel {
  using Op = Slice;
  static constexpr std::string_view name = "native/slice";
  explicit SliceKernel(const Call& call)
      : x(call.inputs[0], std::get<Op>(call.op).axis),
        y(call.outputs[0], std::get<Op>(call.op).axis),
        begin(static_cast<std::size_t>(std::get<Op>(call.op).begin) *
              elements_behind(call.inputs[0], std::get<Op>(call.op).axis)) {}
  void run(const Args& args, Range) const {
    copy_pieces(in<float>(args, 0) + begin, x.elements, out<float>(args, 0), y.elements, y.elements,
                y.count);
  }
  Runs x, y;
  std::size_t begin;
};

// x: [..,C,..] -> y: [.., before + C + after, ..].
struct ZeroPadKernel : MovingKernel {
  using Op = ZeroPad;
  static constexpr std::string_view name = "native/zero_pad";
  explicit ZeroPadKernel(const Call& call)
      : x(call.inputs[0], std::get<Op>(call.op).axis),
        y(call.outputs[0], std::get<Op>(call.op).axis),
        before(static_cast<std::size_t>(std::get<Op>(call.op).before) *
               elements_behind(call.inputs[0], std::get<Op>(call.op).axis)) {}
  void run(const Args& args, Range) const {
    const float* from = in<float>(args, 0);
    float* to = out<float>(args, 0);
    for (std::size_t run = 0; run < y.count; ++run, from += x.elements, to += y.elements) {
      std::fill_n(to, before, 0.0F);
      std::memcpy(to + before, from, x.elements * sizeof(float));
      std::fill(to + before + x.elements, to + y.elements, 0.0F);
    }
  }
  Runs x, y;
  std::size_t before;
};

}  // namespace

KernelEntry concat() { return entry_of<ConcatKernel>(); }
KernelEntry slice() { return entry_of<SliceKernel>(); }
KernelEntry zero_pad() { return entry_of<ZeroPadKernel>(); }

}  // namespace evenkeel::native
