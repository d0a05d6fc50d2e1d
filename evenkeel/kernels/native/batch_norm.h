// SPDX-License-Identifier: Apache-2.0
// What batch norm and its gradient read per channel.
#pragma once

#include <cstddef>

namespace evenkeel::native {

// Of y = gamma (x - mean) / sqrt(M2 / count + epsilon) + beta. Without gamma and beta, which are
// null then: of xhat alone.
struct Normalisation {
  const double *count, *mean, *M2;
  const float *gamma, *beta;
  double epsilon;
  Normalisation from(std::size_t c) const {
    if (gamma == nullptr) return {count + c, mean + c, M2 + c, nullptr, nullptr, epsilon};
    return {count + c, mean + c, M2 + c, gamma + c, beta + c, epsilon};
  }
};

struct GradStatistics {
  const double *count, *mean, *M2;
  const float *gamma, *dbeta, *dgamma;
};

}  // namespace evenkeel::native
