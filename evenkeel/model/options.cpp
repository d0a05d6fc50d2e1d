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

// By its channels-last or channels-first kernel for images and volumes.
bool is_fused_by_tensorflow(std::size_t rank, const BatchNormOptions& options) {
  if (rank != 4 && rank != 5) return false;
  if (!std::holds_alternative<WholeBatch>(options.batch) || options.axes.size() != 1) return false;
  const std::int64_t axis = options.axes[0];
  const auto last = static_cast<std::int64_t>(rank) - 1;
  return axis == -1 || axis == last || axis == 1 || axis == -last;
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

BatchNormOptions options_of(Preset preset, std::size_t rank, BatchNormOptions options) {
  if (rank < 2)
    throw InvalidArgument("preset",
                          "expected a rank of at least 2, [N,C], got " + std::to_string(rank));
  options.epsilon = 1e-3;
  options.decay = Decay::keep(0.99);
  options.count_weighted = false;
  options.variance = MovingVariance::population;
  switch (preset) {
    case Preset::tf1:
      if (is_fused_by_tensorflow(rank, options)) options.variance = MovingVariance::sample;
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
