// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/plan.h"

#include <array>

namespace evenkeel {

std::string_view to_string(PhaseKind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"samples", "channels", "elements", "whole",
                                                      "team",    "guard",    "commit"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace evenkeel
