// SPDX-License-Identifier: Apache-2.0
// The precision of weights in inference.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace evenkeel {

// bf16: the large kernels of dense layers (65,536 numbers and more) are rounded to bfloat16, which
// halves what one image waits for; images, sums, biases and all other layers stay in f32.
enum class Weights : std::uint8_t { f32, bf16 };

// Of "f32" and "bf16"; nothing of another name.
inline std::optional<Weights> parse_weights(std::string_view name) {
  if (name == "f32") return Weights::f32;
  if (name == "bf16") return Weights::bf16;
  return std::nullopt;
}

}  // namespace evenkeel
