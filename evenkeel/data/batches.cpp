// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/batches.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"

namespace evenkeel {

BatchSampler::BatchSampler(std::int64_t dataset_size, std::int64_t batch_size, BatchOptions options)
    : size_(dataset_size), batch_(batch_size), options_(options) {
  if (batch_size < 1 || batch_size > dataset_size) {
    throw InvalidArgument("batch size " + std::to_string(batch_size),
                          "expected from 1 to the " + std::to_string(dataset_size) +
                              " images of the data set; choose one in between");
  }
  if (dataset_size > std::numeric_limits<std::int32_t>::max()) {
    throw InvalidArgument("data set",
                          "expected fewer than 2^31 images, got " + std::to_string(dataset_size));
  }
}

BatchSampler::Position BatchSampler::position(std::int64_t step) const {
  if (step < 0) throw InvalidArgument("step", "expected 0 or more, got " + std::to_string(step));
  // step * batch may pass 2^63; whole passes of `size_` steps are `batch_` passes over the data.
  const std::int64_t rest = (step % size_) * batch_;
  return {step / size_ * batch_ + rest / size_, rest % size_};
}

const std::vector<std::uint32_t>& BatchSampler::permutation(std::int64_t pass) {
  Permutation& place = cached_[static_cast<std::size_t>(pass % 2)];
  if (place.pass == pass) return place.order;
  place.pass = -1;  // should an allocation fail, the place holds nothing
  place.order.resize(static_cast<std::size_t>(size_));
  std::iota(place.order.begin(), place.order.end(), 0U);
  if (options_.shuffle) {
    // Fisher and Yates, downwards; the number for place i is at index i of the pass's stream.
    const Random random(options_.seed, Purpose::shuffle, static_cast<std::uint64_t>(pass));
    for (std::size_t i = place.order.size() - 1; i > 0; --i)
      std::swap(place.order[i], place.order[random.below(i, i + 1)]);
  }
  place.pass = pass;
  return place.order;
}

void BatchSampler::indices(std::int64_t step, std::span<std::int64_t> out) {
  if (out.size() != static_cast<std::size_t>(batch_)) {
    throw InvalidArgument("batch", "expected room for " + std::to_string(batch_) +
                                       " indices, got " + std::to_string(out.size()));
  }
  auto [pass, offset] = position(step);
  while (!out.empty()) {
    const auto& order = permutation(pass++);
    const std::size_t count = std::min(out.size(), order.size() - static_cast<std::size_t>(offset));
    std::copy_n(order.begin() + offset, count, out.begin());
    out = out.subspan(count);
    offset = 0;
  }
}

std::vector<std::int64_t> BatchSampler::indices(std::int64_t step) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(batch_));
  indices(step, result);
  return result;
}

void gather(const Dataset& dataset, std::span<const std::int64_t> indices,
            std::span<std::uint8_t> images_out, std::span<std::int32_t> labels_out) {
  const auto bytes = static_cast<std::size_t>(dataset.image_bytes());
  if (!images_out.empty() && images_out.size() != indices.size() * bytes) {
    throw InvalidArgument(dataset.name(),
                          "expected room for " + std::to_string(indices.size() * bytes) +
                              " bytes of images, got " + std::to_string(images_out.size()));
  }
  if (!labels_out.empty() && labels_out.size() != indices.size()) {
    throw InvalidArgument(dataset.name(), "expected room for " + std::to_string(indices.size()) +
                                              " labels, got " + std::to_string(labels_out.size()));
  }
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto image = dataset.image(indices[i]);
    if (!images_out.empty()) std::memcpy(images_out.data() + i * bytes, image.data(), bytes);
    if (!labels_out.empty()) labels_out[i] = dataset.labels()[static_cast<std::size_t>(indices[i])];
  }
}

void gather_targets(const Dataset& dataset, std::span<const std::int64_t> indices,
                    std::span<float> targets_out) {
  const auto width = static_cast<std::size_t>(dataset.classes());
  if (!dataset.has_targets() || targets_out.size() != indices.size() * width)
    throw InvalidArgument(dataset.name(), "expected a set with targets and room for " +
                                              std::to_string(indices.size() * width) +
                                              " of them, got room for " +
                                              std::to_string(targets_out.size()));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    dataset.image(indices[i]);  // in range?
    const auto row = dataset.targets().subspan(static_cast<std::size_t>(indices[i]) * width, width);
    std::copy(row.begin(), row.end(), targets_out.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
}

}  // namespace evenkeel
