// SPDX-License-Identifier: Apache-2.0
// How a native kernel is written: a struct made from the call, with a run over blocks of its grid.
// entry_of<> turns it into the kernel interface's table entry.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "evenkeel/kernels/flops.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel::native {

// Blocks of Grid::elements; AdamUpdate counts non-finite gradients by these very blocks.
inline constexpr std::int64_t kElementBlock = 16384;
static_assert(kElementBlock == AdamUpdate::kBlock);
// Blocks of Grid::channels: one cache line of floats, the widest vector.
inline constexpr std::int64_t kChannelBlock = 16;

struct InPlace {
  int input;
  int output;
};

inline bool is_dense(const ValueType& type, DType dtype) {
  return type.layout.dense() && type.dtype == dtype && !type.shape.dynamic();
}
// What most kernels accept: every operand dense f32, the batch dimension bound.
bool all_f32(const Call& call);
// As all_f32, but the moments (count, mean, M2), which begin at input `first`, are f64.
bool all_f32_but_moments(const Call& call, std::size_t first);
// What merges moments accepts.
bool all_inputs_f64(const Call& call);

// x: [.., C] as rows of C channels.
struct Rows {
  std::int64_t rows;
  std::int64_t channels;
};
inline Rows rows_of(const ValueType& type) {
  return {type.shape.elements() / type.shape.back(), type.shape.back()};
}

inline std::int64_t blocks_of(std::int64_t count, std::int64_t block) {
  return (count + block - 1) / block;
}

// The elements of blocks [begin, end).
struct Elements {
  std::size_t begin;
  std::size_t end;
  std::size_t count() const { return end - begin; }
};

// What kernels by blocks of elements have in common.
class ElementwiseKernel {
 public:
  static constexpr Grid grid = Grid::elements;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit ElementwiseKernel(const Call& call) : elements_(call.outputs[0].shape.elements()) {}

 protected:
  Elements elements(Range range) const {
    return {static_cast<std::size_t>(range.begin * kElementBlock),
            static_cast<std::size_t>(std::min(range.end * kElementBlock, elements_))};
  }

 private:
  std::int64_t elements_;
};

// The channels of blocks [begin, end), of rows of `all` channels.
struct Channels {
  std::size_t rows;
  std::size_t all;
  std::size_t begin;
  std::size_t end;
};

// What kernels by blocks of channels have in common; the first input is [.., C].
class ChannelKernel {
 public:
  static constexpr Grid grid = Grid::channels;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  // each_sample: `channels` gives the rows of one sample, else of all.
  explicit ChannelKernel(const Call& call, bool each_sample = false)
      : rows_(rows_of(call.inputs[0])), samples_(each_sample ? call.inputs[0].shape[0] : 1) {
    rows_.rows /= samples_;
  }

 protected:
  Channels channels(Range range) const {
    return {static_cast<std::size_t>(rows_.rows), static_cast<std::size_t>(rows_.channels),
            static_cast<std::size_t>(range.begin * kChannelBlock),
            static_cast<std::size_t>(std::min(range.end * kChannelBlock, rows_.channels))};
  }
  std::size_t samples() const { return static_cast<std::size_t>(samples_); }

 private:
  Rows rows_;
  std::int64_t samples_;
};

template <typename K>
class Lane final : public Kernel {
 public:
  explicit Lane(const Call& call) : kernel_(call) {}
  void run(const Args& args, Range range) const noexcept override { kernel_.run(args, range); }

 private:
  K kernel_;
};

// K::Op, K::name, K::grid, K::in_place (an array of InPlace), K::accuracy; K::accepts(call);
// K(call); run(args, range) const. Where it needs them, K::scratch_bytes(call), K::whole, the
// inputs that a block of channels reads whole, or K::whole_inputs(call) where that depends on the
// call, and K::extent(call), the blocks where they are not of the first input's channels.
template <typename K>
KernelEntry entry_of() {
  KernelEntry entry = {};
  entry.op = op_index<typename K::Op>;
  entry.name = K::name;
  entry.backend = Backend::native;
  entry.kind = KernelKind::lane;
  entry.grid = K::grid;
  entry.accepts = [](const Call& call) { return K::accepts(call); };
  entry.needs = [](const Call& call) {
    Needs needs = dense_needs(call);
    if (K::grid == Grid::channels)
      needs.extent = blocks_of(call.inputs[0].shape.back(), kChannelBlock);
    if (K::grid == Grid::elements)
      needs.extent = blocks_of(call.outputs[0].shape.elements(), kElementBlock);
    for (const InPlace& pair : K::in_place) needs.in_place.emplace_back(pair.input, pair.output);
    if constexpr (requires { K::extent(call); }) needs.extent = K::extent(call);
    if constexpr (requires { K::scratch_bytes(call); })
      needs.scratch_bytes = K::scratch_bytes(call);
    if constexpr (requires { K::whole_inputs(call); }) needs.whole = K::whole_inputs(call);
    if constexpr (requires { K::whole; }) needs.whole.assign(K::whole.begin(), K::whole.end());
    needs.accuracy = K::accuracy;
    needs.flops = flops_of(call);
    return needs;
  };
  entry.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    return std::make_unique<const Lane<K>>(call);
  };
  return entry;
}

inline constexpr std::array<InPlace, 0> kNeverInPlace = {};

// Operand `index` as T.
template <typename T>
const T* in(const Args& args, std::size_t index) {
  return static_cast<const T*>(args.inputs[index]);
}
template <typename T>
T* out(const Args& args, std::size_t index) {
  return static_cast<T*>(args.outputs[index]);
}

}  // namespace evenkeel::native
