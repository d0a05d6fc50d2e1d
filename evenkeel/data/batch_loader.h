// SPDX-License-Identifier: Apache-2.0
// Batches made ready on threads of their own, a few ahead of the one in use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/data/augment.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/data/dataset.h"

namespace evenkeel {

// u8 [n,H,W,C] of the images of `indices`, augmented: the first is at place `first_place` of
// `step`'s batch, so that parts of a batch may be made one by one. Without augmentation a copy.
// Returns early, with `out` unfinished, where a stop is requested. InvalidArgument as gather().
EVENKEEL_API void gather_augmented(const Dataset& data, std::span<const std::int64_t> indices,
                                   const Augmentation& augmentation, std::uint64_t seed,
                                   std::int64_t step, std::int64_t first_place,
                                   std::span<std::uint8_t> out, const std::stop_token& stop = {});

struct LoadedBatch {
  std::vector<std::int64_t> indices;
  std::vector<std::uint8_t> images;
};

struct BatchLoaderOptions {
  int threads = 1;
  int ahead = 2;  // batches made ready beyond the one in use: so many more are in memory
};

// Batches first, first + 1, … before `end` in this order. What is in one is a function of its
// number alone, so that the bytes are the same for any number of threads and batches ahead.
class EVENKEEL_API BatchLoader {
 public:
  // Makes batch `number` in the room of an older one, whose vectors it may reuse. Called on several
  // threads at once, in the default floating-point mode; should return soon when a stop is
  // requested.
  using Make =
      std::function<void(std::int64_t number, LoadedBatch& batch, const std::stop_token& stop)>;

  // InvalidArgument unless at least one thread and one batch ahead; RuntimeFailure where the system
  // gives no thread.
  BatchLoader(Make make, std::int64_t first, std::int64_t end,
              const BatchLoaderOptions& options = {});
  // Stops and joins the threads.
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  // Waits for batch `number`, which stays as it is until the next call. Another one than the next
  // is allowed and goes on from there. Throws what making it threw; the next call tries it anew.
  // InvalidArgument for a number below 0, or not before `end`. For one thread at a time.
  const LoadedBatch& wait(std::int64_t number);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
