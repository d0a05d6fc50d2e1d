// SPDX-License-Identifier: Apache-2.0
// Groups of samples that share statistics. Consecutive: samples [k size, (k + 1) size) are group k;
// interleaved: sample i is in group i mod (N / size). N must be a multiple of size.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// (count, mean, M2) of each sample, [N,C] -> for each sample those of its group, merged in the
// samples' order.
struct GroupMoments {
  static constexpr std::string_view name = "group_moments";
  std::int64_t size = 1;
  Grouping grouping = Grouping::consecutive;
  static constexpr auto fields =
      std::tuple{field("size", &GroupMoments::size), field("grouping", &GroupMoments::grouping)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const GroupMoments&, const GroupMoments&) = default;
};

// Sums of each sample, [N,C] -> for each sample the sum over its group.
struct GroupSums {
  static constexpr std::string_view name = "group_sums";
  std::int64_t size = 1;
  Grouping grouping = Grouping::consecutive;
  static constexpr auto fields =
      std::tuple{field("size", &GroupSums::size), field("grouping", &GroupSums::grouping)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const GroupSums&, const GroupSums&) = default;
};

// (count, mean, M2) for each sample, [N,C] -> the mean of each over the samples, [C].
struct MeanMoments : NoFields<MeanMoments> {
  static constexpr std::string_view name = "mean_moments";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const MeanMoments&, const MeanMoments&) = default;
};

}  // namespace evenkeel
