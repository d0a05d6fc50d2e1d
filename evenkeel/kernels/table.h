// SPDX-License-Identifier: Apache-2.0
// The choice of a kernel: a fixed order by backend, the same on every run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

// automatic: native, then oneDNN, then reference. A preferred backend: it, then reference.
enum class KernelPreference : std::uint8_t { automatic, native, onednn, reference };
std::optional<KernelPreference> parse_kernel_preference(std::string_view text);
std::string_view to_string(KernelPreference preference);

// The first kernel that accepts the call; lane_only leaves out team kernels. Throws RuntimeFailure
// naming the op where there is none (the reference takes every float call, so this is a bug).
const KernelEntry& choose_kernel(const Call& call, KernelPreference preference, bool lane_only);

}  // namespace evenkeel
