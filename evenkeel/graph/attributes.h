// SPDX-License-Identifier: Apache-2.0
// Printing and reading of attributes, derived from each op's `fields`. Only attributes.cpp includes
// this: it is instantiated for every op.
#pragma once

#include <array>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "evenkeel/base/suggest.h"
#include "evenkeel/graph/op.h"
#include "evenkeel/graph/text_cursor.h"

namespace evenkeel::attributes {

template <typename T>
concept Enum = std::is_enum_v<T> && !std::is_same_v<T, DType>;

inline void write(std::string& out, std::int64_t value) { out += std::to_string(value); }
inline void write(std::string& out, double value) { out += number_text(value); }
inline void write(std::string& out, bool value) { out += value ? "true" : "false"; }
inline void write(std::string& out, DType value) { out += to_string(value); }
inline void write(std::string& out, const std::string& value) { out += quoted_text(value); }
inline void write(std::string& out, const Shape& value) { out += to_string(value); }
inline void write(std::string& out, const ValueType& value) { out += to_string(value); }
inline void write(std::string& out, const Layout& value) { out += quoted_text(value.form); }
template <Enum E>
void write(std::string& out, E value) {
  out += EnumNames<E>::names.at(static_cast<std::size_t>(value));
}
template <typename... Ops>
void write(std::string& out, const std::variant<Ops...>& op);

template <typename List>
void write_list(std::string& out, const List& list, std::string_view separator) {
  out += "[";
  for (std::size_t index = 0; index < list.size(); ++index) {
    if (index > 0) out += separator;
    write(out, list[index]);
  }
  out += "]";
}
template <typename T, std::size_t N>
void write(std::string& out, const std::array<T, N>& list) {
  write_list(out, list, ",");
}
template <typename T>
void write(std::string& out, const std::vector<T>& list) {
  write_list(out, list, ", ");
}

// "{stride [1,1], padding [2,2,2,2]}", or nothing.
template <typename OpType>
void write_fields(std::string& out, const OpType& op) {
  std::string_view before = "{";
  const auto write_field = [&](const auto& field) {
    if (!field.printed_at_default && op.*field.member == OpType{}.*field.member) return;
    out += before;
    out += field.name;
    out += " ";
    write(out, op.*field.member);
    before = ", ";
  };
  std::apply([&](const auto&... fields) { (write_field(fields), ...); }, OpType::fields);
  if (before != "{") out += "}";
}

template <typename... Ops>
void write(std::string& out, const std::variant<Ops...>& op) {
  const auto write_op = [&](const auto& which) {
    out += which.name;
    if constexpr (std::tuple_size_v < std::remove_cvref_t < decltype(which.fields) >>> 0)
      out += " ";
    write_fields(out, which);
  };
  std::visit(write_op, op);
}

inline void read(TextCursor& in, std::int64_t& value) { value = in.integer(); }
inline void read(TextCursor& in, double& value) { value = in.number(); }
inline void read(TextCursor& in, Layout& value) { value.form = in.name("a layout"); }
inline void read(TextCursor& in, std::string& value) { value = in.name("a text"); }
void read(TextCursor& in, bool& value);
void read(TextCursor& in, DType& value);
void read(TextCursor& in, Shape& value);
void read(TextCursor& in, ValueType& value);

// The place of the next word among `names`.
std::size_t read_choice(TextCursor& in, const std::string& what, const std::string_view* names,
                        std::size_t count);

template <Enum E>
void read(TextCursor& in, E& value) {
  constexpr auto& names = EnumNames<E>::names;
  value = static_cast<E>(read_choice(in, "a name", names.data(), names.size()));
}
template <typename... Ops>
void read(TextCursor& in, std::variant<Ops...>& op);

template <typename T, std::size_t N>
void read(TextCursor& in, std::array<T, N>& list) {
  for (std::size_t index = 0; index < N; ++index) {
    in.expect(index == 0 ? "[" : ",");
    read(in, list[index]);
  }
  in.expect("]");
}
template <typename T>
void read(TextCursor& in, std::vector<T>& list) {
  in.expect("[");
  if (in.accept("]")) return;
  do {
    read(in, list.emplace_back());
  } while (in.accept(","));
  in.expect("]");
}

// What write_fields writes, in any order; what is left out keeps its default.
template <typename OpType>
void read_fields(TextCursor& in, OpType& op) {
  constexpr std::size_t kCount = std::tuple_size_v<std::remove_cvref_t<decltype(OpType::fields)>>;
  if constexpr (kCount > 0) {
    if (!in.accept("{") || in.accept("}")) return;
    constexpr auto kNames = std::apply(
        [](const auto&... fields) { return std::array{fields.name...}; }, OpType::fields);
    std::array<bool, kCount> seen{};
    do {
      const std::size_t which = read_choice(in, "an attribute", kNames.data(), kCount);
      if (std::exchange(seen[which], true))
        in.refuse("expected each attribute once, got '" + std::string(kNames[which]) + "' twice");
      std::size_t index = 0;
      const auto read_if_meant = [&](const auto& field) {
        if (index++ == which) read(in, op.*field.member);
      };
      std::apply([&](const auto&... fields) { (read_if_meant(fields), ...); }, OpType::fields);
    } while (in.accept(","));
    in.expect("}");
  }
}

template <typename Variant>
struct Ops;
template <typename... Types>
struct Ops<std::variant<Types...>> {
  using Variant = std::variant<Types...>;
  static constexpr std::array<std::string_view, sizeof...(Types)> names = {Types::name...};

  // The attributes of the op at `index`.
  static Variant read_at(TextCursor& in, std::size_t index) {
    constexpr std::array<Variant (*)(TextCursor&), sizeof...(Types)> kReaders = {
        &read_as<Types>...};
    return kReaders.at(index)(in);
  }
  template <typename OpType>
  static Variant read_as(TextCursor& in) {
    OpType op;
    read_fields(in, op);
    return op;
  }
};

template <typename... Types>
void read(TextCursor& in, std::variant<Types...>& op) {
  using All = Ops<std::variant<Types...>>;
  op = All::read_at(in, read_choice(in, "an op", All::names.data(), All::names.size()));
}

}  // namespace evenkeel::attributes
