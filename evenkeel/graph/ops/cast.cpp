// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/cast.h"

namespace evenkeel {
namespace {

bool is_castable(DType dtype) { return is_float(dtype) || dtype == DType::bf16; }

}  // namespace

// x: any shape
Types Cast::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require(is_castable(in[0].dtype), "input 0 of dtype f32, f64 or bf16");
  if (!is_castable(dtype))
    in.fail("to make f32, f64 or bf16, not " + std::string(to_string(dtype)));
  return {{dtype, in[0].shape}};
}

}  // namespace evenkeel
