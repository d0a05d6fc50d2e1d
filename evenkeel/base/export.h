// SPDX-License-Identifier: Apache-2.0
// Marks what the shared library shows; everything else is hidden.
#pragma once

#if defined(__GNUC__)
#define EVENKEEL_API __attribute__((visibility("default")))
#else
#define EVENKEEL_API
#endif
