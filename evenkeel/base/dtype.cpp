// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/dtype.h"

#include <array>
#include <utility>

namespace evenkeel {
namespace {

struct NamedType {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<NamedType, 7> kEntries = {{{DType::f32, "f32", 4},
                                                {DType::f64, "f64", 8},
                                                {DType::bf16, "bf16", 2},
                                                {DType::u8, "u8", 1},
                                                {DType::i32, "i32", 4},
                                                {DType::i64, "i64", 8},
                                                {DType::boolean, "bool", 1}}};

}  // namespace

std::size_t size_of(DType dtype) { return kEntries.at(static_cast<std::size_t>(dtype)).bytes; }

std::string_view to_string(DType dtype) {
  return kEntries.at(static_cast<std::size_t>(dtype)).name;
}

std::optional<DType> parse_dtype(std::string_view text) {
  for (const NamedType& entry : kEntries)
    if (entry.name == text) return entry.dtype;
  return std::nullopt;
}

}  // namespace evenkeel
