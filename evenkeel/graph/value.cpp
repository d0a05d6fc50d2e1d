// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/value.h"

#include "evenkeel/graph/text_cursor.h"

namespace evenkeel {

std::int64_t ValueType::bytes(std::int64_t batch) const {
  if (packed_bytes > 0) return packed_bytes;
  return shape.bound(batch).elements() * static_cast<std::int64_t>(size_of(dtype));
}

ValueType ValueType::bound(std::int64_t batch) const {
  ValueType result = *this;
  result.shape = shape.bound(batch);
  return result;
}

std::string to_string(const ValueType& type) {
  std::string text = std::string(to_string(type.dtype)) + to_string(type.shape);
  if (!type.layout.dense())
    text += "<" + name_text(type.layout.form) + ":" + std::to_string(type.packed_bytes) + ">";
  return text;
}

}  // namespace evenkeel
