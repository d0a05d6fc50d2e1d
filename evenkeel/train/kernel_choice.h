// SPDX-License-Identifier: Apache-2.0
// The kernels that a caller asks for by name.
#pragma once

#include <string>

#include "evenkeel/kernels/table.h"

namespace evenkeel {

// "auto", "native", "onednn" or "reference". InvalidArgument for another name, and for "onednn" in
// a build without it.
KernelPreference usable_kernels(const std::string& name);

}  // namespace evenkeel
