// SPDX-License-Identifier: Apache-2.0
// The copy that reshape and reorder are.
#pragma once

#include <cstring>

#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {

// x, y: the same bytes, maybe in the same place
template <typename OpType>
struct CopyKernel : PlainKernel {
  using Op = OpType;
  static constexpr std::array in_place = {InPlace{0, 0}};

  static void run(const Operands<OpType>& o) {
    if (o.args.inputs[0] == o.args.outputs[0]) return;
    std::memcpy(o.args.outputs[0], o.args.inputs[0],
                static_cast<std::size_t>(o.call.inputs[0].bytes()));
  }
};

}  // namespace evenkeel::reference
