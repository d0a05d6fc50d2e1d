// SPDX-License-Identifier: Apache-2.0
// Small networks with batch norm in one to three places, and at times one of its relatives, as
// RapidCheck draws them.
#pragma once

#include "evenkeel/model/sequential.h"
#include "tests/support/property.h"

namespace evenkeel::test {

inline BatchNormOptions drawn_batch_norm() {
  BatchNormOptions options;
  options.epsilon = *rc::gen::element(1e-5, 1e-3, 0.1).as("epsilon");
  options.decay = Decay::keep(*rc::gen::element(0.5, 0.9, 0.99).as("keep"));
  if (*rc::gen::arbitrary<bool>().as("sample variance")) options.variance = MovingVariance::sample;
  return options;
}

// Of any kind; training batches must be a multiple of `ghost`.
inline BatchNormOptions drawn_variant(std::int64_t ghost) {
  BatchNormOptions options = drawn_batch_norm();
  switch (*rc::gen::inRange(0, 4).as("whole, ghost, renorm, renorm by deviation")) {
    case 1:
      options.batch =
          Ghost{.size = ghost,
                .grouping = *rc::gen::element(Grouping::consecutive, Grouping::interleaved),
                .statistics = *rc::gen::element(GhostStatistics::merged, GhostStatistics::mean,
                                                GhostStatistics::in_turn)};
      break;
    case 2:
      options.batch = Renorm{};
      break;
    case 3:
      options.batch = Renorm{.moves = RenormMoves::deviation};
      break;
    default:
      break;
  }
  return options;
}

// Of images 28 x 28 x 1 in ten classes. `ghost`: with variants of batch norm, on images also by
// other axes than the channels', and training batches are a multiple of it.
inline Model drawn_network(std::int64_t ghost = 0) {
  const auto norm = [&](bool images) {
    if (ghost == 0) return drawn_batch_norm();
    BatchNormOptions options = drawn_variant(ghost);
    using Axes = std::vector<std::int64_t>;
    if (images) options.axes = *rc::gen::element(Axes{-1}, Axes{1}, Axes{2, 3}).as("axes");
    return options;
  };
  const auto filters = *rc::gen::inRange<std::int64_t>(1, 20).as("filters");
  const int places = *rc::gen::inRange(1, 8).as("batch norm 1: before ReLU, 2: after, 4: flat");
  Sequential model("drawn", image(28, 28, 1).scale(1 / 255.0));
  model.avg_pool2d(4).conv2d(filters, 3, {.padding = Padding::same, .bias = (places & 1) == 0});
  if ((places & 1) != 0) model.batch_norm(norm(true));
  model.relu();
  if ((places & 2) != 0) model.batch_norm(norm(true));
  switch (*rc::gen::inRange(0, 6).as("1: group, 2: instance, 3: layer norm beside it")) {
    case 1:
      model.group_norm(filters % 3 == 0 ? 3 : 1);
      break;
    case 2:
      model.instance_norm();
      break;
    case 3:
      model.layer_norm();
      break;
    default:
      break;
  }
  model.max_pool2d(2).flatten();
  if ((places & 4) != 0) model.batch_norm(norm(false));
  return model.dense(10).build();
}

}  // namespace evenkeel::test
