// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/training_images.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/data/batches.h"

namespace evenkeel {
namespace {

// Makes part after part on any number of threads, which share the sampler.
class Maker {
 public:
  Maker(Dataset data, const TrainingImagesOptions& options)
      : data_(std::move(data)),
        options_(options),
        sampler_(data_.size(), options.batch_size, {.seed = options.seed}) {}

  void operator()(std::int64_t number, LoadedBatch& batch, const std::stop_token& stop) {
    const auto images = static_cast<std::size_t>(options_.batch_size);
    batch.indices.resize(images);
    batch.images.resize(images * static_cast<std::size_t>(data_.image_bytes()));
    {
      const std::lock_guard lock(mutex_);
      sampler_.indices(number, batch.indices);
    }
    gather_augmented(data_, batch.indices, options_.augmentation, options_.seed,
                     number / options_.parts, number % options_.parts * options_.batch_size,
                     batch.images, stop);
  }

 private:
  Dataset data_;
  TrainingImagesOptions options_;
  std::mutex mutex_;
  BatchSampler sampler_;
};

}  // namespace

TrainingImages::TrainingImages(Dataset data, const TrainingImagesOptions& options)
    : data_(std::move(data)), options_(options) {
  require_valid(options_.augmentation, data_.image_shape());
  const int threads = options_.loaders.value_or(options_.augmentation.any() ? 1 : 0);
  if (threads < 0)
    throw InvalidArgument("loaders", "expected at least 0 threads that make batches ready, got " +
                                         std::to_string(threads));
  if (threads == 0 || options_.first_step >= options_.end_step) return;
  const auto maker = std::make_shared<Maker>(data_, options_);
  const auto make = [maker](std::int64_t number, LoadedBatch& batch, const std::stop_token& stop) {
    (*maker)(number, batch, stop);
  };
  loader_.emplace(make, options_.first_step * options_.parts, options_.end_step * options_.parts,
                  BatchLoaderOptions{.threads = threads, .ahead = threads + 1});
}

void TrainingImages::copy(std::int64_t step, std::int64_t part,
                          std::span<const std::int64_t> indices, std::span<std::uint8_t> out) {
  if (loader_ && step < options_.end_step) {
    const LoadedBatch& ready = loader_->wait(step * options_.parts + part);
    if (out.size() == ready.images.size() &&
        std::equal(indices.begin(), indices.end(), ready.indices.begin(), ready.indices.end())) {
      std::copy(ready.images.begin(), ready.images.end(), out.begin());
      return;
    }
  }
  gather_augmented(data_, indices, options_.augmentation, options_.seed, step,
                   part * options_.batch_size, out);
}

}  // namespace evenkeel
