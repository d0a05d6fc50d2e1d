// SPDX-License-Identifier: Apache-2.0
// What flows along the edges of a graph.
#pragma once

#include <cstdint>
#include <string>

#include "evenkeel/base/dtype.h"
#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"

namespace evenkeel {

// How a value's elements lie in memory: empty = dense row-major, else a packed form that only the
// kernels which made it understand. Every change of layout is a `reorder` node.
struct Layout {
  std::string form;
  bool dense() const { return form.empty(); }
  friend bool operator==(const Layout&, const Layout&) = default;
};

// {dtype, dims, layout} of a value; `bytes` is what a packed form occupies (0 = dense size).
struct ValueType {
  DType dtype = DType::f32;
  Shape shape;
  Layout layout = {};
  std::int64_t packed_bytes = 0;

  // Bytes with the batch dimension bound to `batch`.
  EVENKEEL_API std::int64_t bytes(std::int64_t batch = 1) const;
  // The same type with the batch dimension bound.
  EVENKEEL_API ValueType bound(std::int64_t batch) const;
  friend bool operator==(const ValueType&, const ValueType&) = default;
};

// "f32[N,28,28,1]"; packed forms add "<form:bytes>".
EVENKEEL_API std::string to_string(const ValueType& type);

using NodeId = std::uint32_t;

// One output of one node.
struct Value {
  NodeId node = 0;
  std::uint32_t output = 0;
  friend bool operator==(const Value&, const Value&) = default;
  friend bool operator<(const Value& a, const Value& b) {
    return a.node != b.node ? a.node < b.node : a.output < b.output;
  }
};

}  // namespace evenkeel
