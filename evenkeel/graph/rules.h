// SPDX-License-Identifier: Apache-2.0
// What an op's own file is written against: its attributes' fields, its shape rule, its gradient.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/attribute_types.h"
#include "evenkeel/graph/value.h"

namespace evenkeel {

class Graph;

// A named attribute; printing, parsing and hashing of ops are derived from `Op::fields`.
template <typename Struct, typename T>
struct Field {
  std::string_view name;
  T Struct::*member;
  bool printed_at_default = true;
};
template <typename Struct, typename T>
constexpr Field<Struct, T> field(std::string_view name, T Struct::*member) {
  return {name, member};
}
// Printed only where it differs from its default: what most networks never set.
template <typename Struct, typename T>
constexpr Field<Struct, T> rare_field(std::string_view name, T Struct::*member) {
  return {name, member, false};
}

// Dimensions of at least 1 (kBatch only in front) and at most 2^40 elements a sample: sizes
// computed from such shapes cannot overflow.
EVENKEEL_API bool valid_extents(const Shape& shape);

// The types of a node's inputs while its shape rule runs. Errors name the node.
class EVENKEEL_API ShapeScope {
 public:
  ShapeScope(std::string_view node, std::string_view op, std::span<const ValueType> inputs)
      : node_(node), op_(op), inputs_(inputs) {}
  std::size_t size() const { return inputs_.size(); }
  const ValueType& operator[](std::size_t index) const { return inputs_[index]; }

  // Throws InvalidArgument "[node] op: expected <expectation>, got <the input types>".
  [[noreturn]] void fail(const std::string& expectation) const;
  void require(bool condition, const char* expectation) const {
    if (!condition) fail(expectation);
  }
  void require_inputs(std::size_t count) const;
  // Float is f32 or f64; a negative rank is any.
  void require_float(std::size_t index, int rank = -1) const;
  // Layouts are not compared: each kernel says which it takes.
  void require_same(std::size_t a, std::size_t b) const;
  void require_type(std::size_t index, DType dtype, const Shape& shape) const;
  // The same node's view on other inputs, for an op made of ops.
  ShapeScope of(std::string_view op, std::span<const ValueType> inputs) const {
    return {node_, op, inputs};
  }

 private:
  std::string_view node_;
  std::string_view op_;
  std::span<const ValueType> inputs_;
};

// A node while its gradient rule runs: the rule adds ordinary nodes and names the inputs'
// gradients. Accumulation over several readers is the driver's.
class EVENKEEL_API GradientScope {
 public:
  GradientScope(Graph& graph, NodeId node, std::span<const std::optional<Value>> gradients,
                std::span<std::optional<Value>> results)
      : graph_(graph), node_(node), gradients_(gradients), results_(results) {}

  Value input(std::size_t index) const;
  std::size_t input_count() const { return results_.size(); }
  Value output(std::size_t index = 0) const;
  const ValueType& type(Value value) const;
  // d loss / d output(index); empty where the loss does not depend on it.
  std::optional<Value> gradient_of_output(std::size_t index = 0) const { return gradients_[index]; }
  // False where nobody asks for this input's gradient: a rule may skip the work.
  bool wanted(std::size_t index) const;
  void set_input_gradient(std::size_t index, Value gradient) { results_[index] = gradient; }
  // Throws InvalidArgument "[node] op: <why>".
  [[noreturn]] void fail(const std::string& why) const;
  // Adds a node named "<this node>/<suffix>".
  template <typename OpType>
  Value add(OpType op, const std::vector<Value>& inputs, std::string_view suffix);

  void set_wanted(std::span<const bool> wanted) { wanted_ = wanted; }

 private:
  Graph& graph_;
  NodeId node_;
  std::span<const std::optional<Value>> gradients_;
  std::span<std::optional<Value>> results_;
  std::span<const bool> wanted_;
};

using Types = std::vector<ValueType>;

// Attributes of an op without any.
template <typename Self>
struct NoFields {
  static constexpr std::tuple<> fields = {};
  friend bool operator==(const NoFields&, const NoFields&) = default;
};

}  // namespace evenkeel
