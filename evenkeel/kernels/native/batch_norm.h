// SPDX-License-Identifier: Apache-2.0
// What the gradient of batch norm reads per channel.
#pragma once

namespace evenkeel::native {

struct GradStatistics {
  const double *count, *mean, *M2;
  const float *gamma, *dbeta, *dgamma;
};

}  // namespace evenkeel::native
