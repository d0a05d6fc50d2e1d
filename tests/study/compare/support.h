// SPDX-License-Identifier: Apache-2.0
// A study and a data set so small that a run takes a fraction of a second.
#pragma once

#include "evenkeel/data/dataset.h"
#include "evenkeel/study/compare/presets.h"
#include "evenkeel/study/compare/study.h"
#include "tests/support/idx_files.h"

namespace evenkeel::compare::test {

inline Dataset small_set(const char* name, std::size_t count, std::uint64_t seed) {
  const auto labels = evenkeel::test::small_labels(count, seed);
  const auto pixels = evenkeel::test::small_images(labels, seed);
  Tensor images(DType::u8, Shape{static_cast<std::int64_t>(count), 28, 28, 1});
  std::memcpy(images.bytes.data(), pixels.data(), pixels.size());
  return {name, std::move(images), {labels.begin(), labels.end()}, 10};
}

inline Splits small_data() { return {small_set("train", 96, 1), {}, small_set("test", 40, 2), {}}; }

// The paper's multi-layer perceptron for a few steps.
inline Study small_study() {
  Study study = preset_study("ioffe2015");
  study.preset.clear();
  study.steps = 12;
  study.batch = 16;
  study.evaluations = 4;
  return study;
}

}  // namespace evenkeel::compare::test
