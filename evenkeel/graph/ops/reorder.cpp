// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reorder.h"

namespace evenkeel {

Types Reorder::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  return {{in[0].dtype, in[0].shape, to, bytes}};
}

}  // namespace evenkeel
