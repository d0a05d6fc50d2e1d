// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/loss.h"

#include <array>

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 3> kLossNames = {
    "softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error"};

}  // namespace

std::string_view to_string(Loss loss) { return kLossNames.at(static_cast<std::size_t>(loss)); }

std::optional<Loss> parse_loss(std::string_view text) {
  for (std::size_t i = 0; i < kLossNames.size(); ++i)
    if (kLossNames[i] == text) return static_cast<Loss>(i);
  return std::nullopt;
}

}  // namespace evenkeel
