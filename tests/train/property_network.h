// SPDX-License-Identifier: Apache-2.0
// Small networks with batch norm in one to three places, as RapidCheck draws them.
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

// Of images 28 x 28 x 1 in ten classes.
inline Model drawn_network() {
  const auto filters = *rc::gen::inRange<std::int64_t>(1, 20).as("filters");
  const int places = *rc::gen::inRange(1, 8).as("batch norm 1: before ReLU, 2: after, 4: flat");
  Sequential model("drawn", image(28, 28, 1).scale(1 / 255.0));
  model.avg_pool2d(4).conv2d(filters, 3, {.padding = Padding::same, .bias = (places & 1) == 0});
  if ((places & 1) != 0) model.batch_norm(drawn_batch_norm());
  model.relu();
  if ((places & 2) != 0) model.batch_norm(drawn_batch_norm());
  model.max_pool2d(2).flatten();
  if ((places & 4) != 0) model.batch_norm(drawn_batch_norm());
  return model.dense(10).build();
}

}  // namespace evenkeel::test
