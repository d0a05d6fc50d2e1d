// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/hash.h"

#include <functional>
#include <string>

namespace evenkeel {
namespace {

class Hash {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void mix(const T& value) {
    // std::hash makes 0.0 and -0.0 one, as == does.
    combine(std::hash<T>{}(value));
  }
  void mix(const std::string& value) { combine(std::hash<std::string>{}(value)); }
  void mix(const Shape& value) { mix_list(value.dims()); }
  void mix(const Layout& value) { mix(value.form); }
  void mix(const ValueType& value) {
    mix(value.dtype);
    mix(value.shape);
    mix(value.layout);
    mix(value.packed_bytes);
  }
  template <typename T, std::size_t N>
  void mix(const std::array<T, N>& list) {
    mix_list(list);
  }
  template <typename T>
  void mix(const std::vector<T>& list) {
    mix_list(list);
  }
  template <typename... Ops>
  void mix(const std::variant<Ops...>& op) {
    mix(op.index());
    const auto mix_op = [this](const auto& which) {
      std::apply([&](const auto&... fields) { (mix(which.*fields.member), ...); }, which.fields);
    };
    std::visit(mix_op, op);
  }
  std::size_t value() const { return value_; }

 private:
  void mix_list(const auto& list) {
    mix(list.size());
    for (const auto& value : list) mix(value);
  }
  // boost::hash_combine's recipe: spreads small numbers, and order matters.
  void combine(std::size_t hash) {
    value_ ^= hash + 0x9e3779b97f4a7c15U + (value_ << 6) + (value_ >> 2);
  }

  std::size_t value_ = 0;
};

}  // namespace

std::size_t hash_of(const Op& op) {
  Hash hash;
  hash.mix(op);
  return hash.value();
}

}  // namespace evenkeel
