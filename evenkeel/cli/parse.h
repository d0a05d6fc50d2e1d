// SPDX-License-Identifier: Apache-2.0
// The command line -> arguments.
#pragma once

#include <iosfwd>
#include <optional>

#include "evenkeel/cli/arguments.h"

namespace evenkeel::cli {

// What to run; empty after --help or --version, which print to `out`. InvalidArgument for wrong
// use, with the nearest command or flag.
std::optional<Arguments> parse(int argc, const char* const* argv, std::ostream& out);

}  // namespace evenkeel::cli
