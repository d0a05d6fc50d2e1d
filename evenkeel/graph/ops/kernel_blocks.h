// SPDX-License-Identifier: Apache-2.0
// How the transforms of a convolution's kernel hold its channels: in blocks of a cache line, zeros
// behind the last, so that a product reads them one after the other.
#pragma once

#include <cstdint>

namespace evenkeel {

inline constexpr std::int64_t kKernelBlock = 16;
inline std::int64_t kernel_blocks(std::int64_t channels) {
  return (channels + kKernelBlock - 1) / kKernelBlock;
}

}  // namespace evenkeel
