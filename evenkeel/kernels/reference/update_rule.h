// SPDX-License-Identifier: Apache-2.0
// What the reference kernels of update rules share.
#pragma once

#include <algorithm>
#include <cmath>

#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel::reference {

// Calls update(i, g) for each element with its gradient, input `gradient`, and counts those that
// are not finite by blocks in output `counts`.
template <typename T, typename OpType, typename Update>
void update_elements(const Operands<OpType>& o, std::size_t gradient, std::size_t counts,
                     const Update& update) {
  auto* const nonfinite = o.template out<std::int32_t>(counts);
  std::fill_n(nonfinite, o.out_shape(counts).elements(), 0);
  const std::int64_t count = o.in_shape(0).elements();
  for (std::int64_t i = 0; i < count; ++i) {
    const T g = o.template in<T>(gradient)[i];
    if (!std::isfinite(g)) ++nonfinite[i / OpType::kBlock];
    update(i, g);
  }
}

}  // namespace evenkeel::reference
