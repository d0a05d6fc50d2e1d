// SPDX-License-Identifier: Apache-2.0
// The instruction set that kernels compute with. Highway and oneDNN both keep that choice for the
// whole process, so it is no option of one trainer or predictor: a program makes it at its start.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

// What the native kernels were compiled for and this processor has, best first. On x86-64 of
// avx512, avx2 and portable; on ARM of sve2, sve and neon.
EVENKEEL_API std::vector<std::string> instruction_sets();

// The one in use: the best, unless another was chosen.
EVENKEEL_API std::string instruction_set();

// Chooses one of instruction_sets() for the native kernels, and oneDNN's at most that (its portable
// is SSE4.1); "auto" leaves what is in use. Call it before the first network is compiled, while no
// other thread computes: plans made before are for the old one. InvalidArgument that names what
// there is; RuntimeFailure where oneDNN has already begun with another, and nothing is changed.
EVENKEEL_API void use_instruction_set(const std::string& name);

// The native kernels' part, at any time; "auto" is the best. How tests run through all of them.
void use_native_instruction_set(const std::string& name);

// oneDNN's part; in a build without it there is nothing to do.
void limit_onednn(const std::string& name);

}  // namespace evenkeel
