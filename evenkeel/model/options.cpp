// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/options.h"

#include <string>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

void require_open_interval(const char* where, double fraction, double keep) {
  if (keep > 0 && keep < 1) return;
  throw InvalidArgument(where, "expected a fraction between 0 and 1, both excluded, got " +
                                   std::to_string(fraction) +
                                   "; the mean over all updates is Cumulative{}");
}

}  // namespace

Decay Decay::keep(double fraction) {
  require_open_interval("Decay::keep", fraction, fraction);
  return Decay(fraction);
}

Decay Decay::take(double fraction) {
  require_open_interval("Decay::take", fraction, 1 - fraction);
  return Decay(1 - fraction);
}

BatchNormOptions options_of(Preset preset, std::size_t rank) {
  BatchNormOptions options;
  options.decay = Decay::keep(0.99);
  options.count_weighted = false;
  switch (preset) {
    case Preset::tf1:
      if (rank == 4 || rank == 5) options.variance = MovingVariance::sample;
      return options;
    case Preset::keras:
      return options;
    case Preset::torch:
      options.epsilon = 1e-5;
      options.decay = Decay::take(0.1);
      options.variance = MovingVariance::sample;
      return options;
  }
  throw InvalidArgument("preset", "expected tf1, keras or torch");
}

}  // namespace evenkeel
