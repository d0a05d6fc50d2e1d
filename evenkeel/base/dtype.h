// SPDX-License-Identifier: Apache-2.0
// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "evenkeel/base/export.h"

namespace evenkeel {

enum class DType : std::uint8_t { f32, f64, bf16, u8, i32, i64, boolean };

// Bytes of one element.
EVENKEEL_API std::size_t size_of(DType dtype);
// "f32", "f64", "bf16", "u8", "i32", "i64", "bool".
EVENKEEL_API std::string_view to_string(DType dtype);
EVENKEEL_API std::optional<DType> parse_dtype(std::string_view text);

constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::f32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::f64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::u8;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::i32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::i64;
};
template <typename T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

}  // namespace evenkeel
