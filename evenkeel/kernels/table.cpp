// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/table.h"

#include <array>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr std::array<std::string_view, 4> kPreferences = {"auto", "native", "onednn", "reference"};

const KernelEntry* find(std::span<const KernelEntry> entries, const Call& call, bool lane_only) {
  for (const KernelEntry& entry : entries) {
    if (entry.op != call.op.index()) continue;
    if (lane_only && entry.kind == KernelKind::team) continue;
    if (entry.accepts(call)) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(Backend backend) {
  return kPreferences.at(static_cast<std::size_t>(backend) + 1);
}

std::string_view to_string(KernelPreference preference) {
  return kPreferences.at(static_cast<std::size_t>(preference));
}

std::optional<KernelPreference> parse_kernel_preference(std::string_view text) {
  for (std::size_t i = 0; i < kPreferences.size(); ++i)
    if (kPreferences[i] == text) return static_cast<KernelPreference>(i);
  return std::nullopt;
}

const KernelEntry& choose_kernel(const Call& call, KernelPreference preference, bool lane_only) {
  const bool any = preference == KernelPreference::automatic;
  const KernelEntry* entry = nullptr;
  if (any || preference == KernelPreference::native)
    entry = find(native_kernels(), call, lane_only);
  if (entry == nullptr && (any || preference == KernelPreference::onednn))
    entry = find(onednn_kernels(), call, lane_only);
  if (entry == nullptr) entry = find(reference_kernels(), call, lane_only);
  if (entry != nullptr) return *entry;
  std::string types;
  for (const ValueType& type : call.inputs) types += " " + to_string(type);
  throw RuntimeFailure(std::string(name_of(call.op)),
                       "no kernel takes" + types + "; the reference should: please report it");
}

}  // namespace evenkeel
