// SPDX-License-Identifier: Apache-2.0
// The library never prints: what it has to say goes through a hook that the program sets.
#pragma once

#include <functional>
#include <string>

#include "evenkeel/base/export.h"

namespace evenkeel {

enum class Severity { info, warning, error };
using LogHook = std::function<void(Severity, const std::string&)>;

}  // namespace evenkeel
