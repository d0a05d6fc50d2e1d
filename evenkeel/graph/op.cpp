// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/op.h"

namespace evenkeel {

Op::Op() = default;
Op::Op(AnyOp&& op) : AnyOp(std::move(op)) {}
Op::Op(const Op&) = default;
Op::Op(Op&&) noexcept = default;
Op& Op::operator=(const Op&) = default;
Op& Op::operator=(Op&&) noexcept = default;
Op::~Op() = default;

bool operator==(const Op& a, const Op& b) {
  return static_cast<const AnyOp&>(a) == static_cast<const AnyOp&>(b);
}

std::string_view name_of(const Op& op) {
  return std::visit([](const auto& which) { return which.name; }, op);
}

bool is_activation(const Op& op) {
  return std::holds_alternative<Relu>(op) || std::holds_alternative<LeakyRelu>(op) ||
         std::holds_alternative<Relu6>(op) || std::holds_alternative<Sigmoid>(op) ||
         std::holds_alternative<Tanh>(op);
}

}  // namespace evenkeel
