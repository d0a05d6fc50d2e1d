// SPDX-License-Identifier: Apache-2.0
// Which images make a batch, as TensorFlow's next_batch: always full; what is left of a pass over
// the data joins the first images of the next pass, newly shuffled.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel {

struct BatchOptions {
  std::uint64_t seed = 1;
  bool shuffle = true;  // false: the order of the data set, every pass
};

// Batches are a pure function of (size, batch, options, step), so resuming needs the step alone.
class EVENKEEL_API BatchSampler {
 public:
  // InvalidArgument when the batch is below 1 or larger than the data set.
  BatchSampler(std::int64_t dataset_size, std::int64_t batch_size, BatchOptions options = {});

  std::int64_t dataset_size() const { return size_; }
  std::int64_t batch_size() const { return batch_; }
  // Full batches in one pass, the length of an "epoch" of training: 55,000 / 128 -> 429.
  std::int64_t batches_per_epoch() const { return size_ / batch_; }

  // Where a step starts: image `offset` of pass `pass` over the data.
  struct Position {
    std::int64_t pass = 0;
    std::int64_t offset = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };
  Position position(std::int64_t step) const;

  // The batch_size() images of step `step` (from 0). Not const: keeps the last two permutations.
  void indices(std::int64_t step, std::span<std::int64_t> out);
  std::vector<std::int64_t> indices(std::int64_t step);

 private:
  struct Permutation {
    std::int64_t pass = -1;
    std::vector<std::uint32_t> order;
  };
  const std::vector<std::uint32_t>& permutation(std::int64_t pass);

  std::int64_t size_;
  std::int64_t batch_;
  BatchOptions options_;
  std::array<Permutation, 2> cached_;  // pass p is in place p % 2
};

// Copies images [n,H,W,C] and labels [n] of the given indices; either output may be empty to be
// left out. InvalidArgument when an index is outside the set or an output is of another size.
EVENKEEL_API void gather(const Dataset& dataset, std::span<const std::int64_t> indices,
                         std::span<std::uint8_t> images_out, std::span<std::int32_t> labels_out);
// Copies the targets [n,K] of the given indices.
EVENKEEL_API void gather_targets(const Dataset& dataset, std::span<const std::int64_t> indices,
                                 std::span<float> targets_out);

}  // namespace evenkeel
