// SPDX-License-Identifier: Apache-2.0
// What a build without oneDNN has in its place.
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

#if !EVENKEEL_HAS_ONEDNN
std::span<const KernelEntry> onednn_kernels() { return {}; }
void limit_onednn(const std::string&) {}
#endif

}  // namespace evenkeel
