// SPDX-License-Identifier: Apache-2.0
// What the table sees in a build without oneDNN.
#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

#if !EVENKEEL_HAS_ONEDNN
std::span<const KernelEntry> onednn_kernels() { return {}; }
#endif

}  // namespace evenkeel
