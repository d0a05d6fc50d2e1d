// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/moving_average.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/graph/ops/batch_norm_rule.h"

namespace evenkeel {

// moving, value, y: any one shape  updates_seen: []
Types MovingAverage::infer(const ShapeScope& in) const {
  in.require_inputs(3);
  in.require_float(0);
  in.require_type(1, DType::i64, {});
  in.require_float(2);
  in.require_type(2, in[2].dtype, in[0].shape);
  require_keep(in, keep, count_weighted);
  in.require(ramp > 0 && std::isfinite(ramp), "a ramp above 0");
  return {{in[0].dtype, in[0].shape}};
}

Types PiecewiseLinear::infer(const ShapeScope& in) const {
  in.require_inputs(1);
  in.require_type(0, DType::i64, {});
  in.require(!at.empty() && at.size() == value.size(), "a value for each of one or more counts");
  const bool counts = std::all_of(at.begin(), at.end(),
                                  [](double count) { return std::isfinite(count) && count >= 0; });
  in.require(counts && std::is_sorted(at.begin(), at.end()), "counts of 0 or more, none falling");
  for (std::size_t i = 0; i < value.size(); ++i) {
    in.require(!std::isnan(value[i]), "values that are numbers");
    const bool steep = i > 0 && at[i] > at[i - 1] && value[i] != value[i - 1];
    in.require(!steep || (std::isfinite(value[i]) && std::isfinite(value[i - 1])),
               "finite values where the line rises or falls");
  }
  return {{DType::f64, {}}};
}

}  // namespace evenkeel
