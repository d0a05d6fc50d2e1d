// SPDX-License-Identifier: Apache-2.0
// The dtype names of safetensors: ours in capitals.
#pragma once

#include <optional>
#include <string>

#include "evenkeel/base/dtype.h"

namespace evenkeel {

inline std::string safetensors_name(DType dtype) {
  std::string text(to_string(dtype));
  for (char& letter : text)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return text;
}

inline std::optional<DType> safetensors_dtype(const std::string& name) {
  for (const DType dtype :
       {DType::f32, DType::f64, DType::bf16, DType::u8, DType::i32, DType::i64, DType::boolean})
    if (safetensors_name(dtype) == name) return dtype;
  return std::nullopt;
}

}  // namespace evenkeel
