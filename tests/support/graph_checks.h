// SPDX-License-Identifier: Apache-2.0
// What the tests of ops are written with: types and gradients as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/graph/op.h"

namespace evenkeel::test {

// The types that `op` makes of inputs of the given types, "f32[N,4], u8[4]"; or the error's text.
std::string infer(const Op& op, std::string_view input_types);

// The nodes that gradients() adds to the graph in `text` for %loss by the named nodes, as text, and
// a last line "-> " with the values that it returns. Or the error's text.
std::string differentiate(std::string_view text, const std::vector<std::string>& by);

// What the error thrown by `call` says; "" where it throws none.
std::string message_of(const std::function<void()>& call);

}  // namespace evenkeel::test
