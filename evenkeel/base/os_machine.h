// SPDX-License-Identifier: Apache-2.0
// Where and when a process runs, for the records of a run: nothing that it computes depends on it.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel::os {

// "localhost" where the system has no name.
EVENKEEL_API std::string host_name();
// "AMD EPYC 7763 64-Core Processor"; the architecture's name where the system does not say.
EVENKEEL_API std::string processor_name();
// "Linux 6.1.0-28-amd64 x86_64".
EVENKEEL_API std::string system_name();
// "GCC 12.2.0", which this library was built with.
EVENKEEL_API std::string compiler_name();
// The words that this process was started with; none where the system does not say.
EVENKEEL_API std::vector<std::string> command_line();

// Seconds since 1970, as the system's clock has it: it may jump.
EVENKEEL_API double wall_clock();
// "2026-02-28T09:07:05Z".
EVENKEEL_API std::string utc_text(double seconds_since_1970);

// Whether text for the user's terminal may be UTF-8: $LC_ALL, else $LC_CTYPE, else $LANG says so.
EVENKEEL_API bool locale_is_utf8();

}  // namespace evenkeel::os
