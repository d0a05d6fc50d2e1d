// SPDX-License-Identifier: Apache-2.0
// How a reference kernel is written: a struct with Op, name, in_place and a static
// run<T>(operands) for T = float and double; entry_of<> makes it a table entry. Each runs whole, on
// one lane, in the order that its loops are written in.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "evenkeel/kernels/flops.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel::reference {

struct InPlace {
  int input;
  int output;
};
inline constexpr std::array<InPlace, 0> kNeverInPlace = {};

// x: [.., C] as rows of C channels.
struct Rows {
  std::int64_t rows;
  std::int64_t channels;
};

// A call's attributes, shapes and buffers while its kernel runs.
template <typename OpType>
struct Operands {
  const OpType& op;
  const Call& call;
  const Args& args;

  template <typename T>
  const T* in(std::size_t index) const {
    return static_cast<const T*>(args.inputs[index]);
  }
  template <typename T>
  T* out(std::size_t index) const {
    return static_cast<T*>(args.outputs[index]);
  }
  const Shape& in_shape(std::size_t index) const { return call.inputs[index].shape; }
  const Shape& out_shape(std::size_t index) const { return call.outputs[index].shape; }
  Rows rows(std::size_t index) const {
    const Shape& shape = in_shape(index);
    return {shape.elements() / shape.back(), shape.back()};
  }
};

// What every reference kernel takes: dense operands with the batch dimension bound.
bool all_dense(const Call& call);

// A kernel in float and double, by the dtype of its first input unless it says otherwise.
struct FloatKernel {
  static DType dtype(const Call& call) { return call.inputs[0].dtype; }
};
// A kernel of one fixed dtype, or of bytes: its run is no template.
struct PlainKernel {};

template <typename K>
class Reference final : public Kernel {
 public:
  explicit Reference(const Call& call) : call_(call) {}

  void run(const Args& args, Range) const noexcept override {
    const Operands<typename K::Op> operands = {std::get<typename K::Op>(call_.op), call_, args};
    if constexpr (std::is_base_of_v<PlainKernel, K>)
      K::run(operands);
    else if (K::dtype(call_) == DType::f32)
      K::template run<float>(operands);
    else
      K::template run<double>(operands);
  }

 private:
  Call call_;
};

template <typename K>
bool accepts(const Call& call) {
  if (!all_dense(call)) return false;
  if constexpr (std::is_base_of_v<PlainKernel, K>)
    return true;
  else
    return K::dtype(call) == DType::f32 || K::dtype(call) == DType::f64;
}

// A pair shares memory only where both have one dtype: Scale may change it.
template <typename K>
Needs needs(const Call& call) {
  Needs needs = dense_needs(call);
  for (const InPlace& pair : K::in_place)
    if (call.inputs[static_cast<std::size_t>(pair.input)].dtype ==
        call.outputs[static_cast<std::size_t>(pair.output)].dtype)
      needs.in_place.emplace_back(pair.input, pair.output);
  needs.flops = flops_of(call);
  return needs;
}

template <typename K>
std::unique_ptr<const Kernel> make(const Call& call) {
  return std::make_unique<const Reference<K>>(call);
}

template <typename K>
KernelEntry entry_of() {
  return {op_index<typename K::Op>,
          K::name,
          Backend::reference,
          KernelKind::lane,
          Grid::whole,
          accepts<K>,
          needs<K>,
          make<K>};
}

}  // namespace evenkeel::reference
