// SPDX-License-Identifier: Apache-2.0
// How much arithmetic a call is: what summaries print and schedules weigh.
#pragma once

#include "evenkeel/kernels/kernel.h"

namespace evenkeel {

// Floating-point operations of a call, a multiply and an add counted apart. Convolutions (taps on
// the padding included), their gradients and products are counted exactly, moves of data as 0, any
// other op as one operation for each element of its largest operand.
EVENKEEL_API double flops_of(const Call& call);

}  // namespace evenkeel
