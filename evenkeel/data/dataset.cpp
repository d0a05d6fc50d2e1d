// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"

namespace evenkeel {
namespace {

void check(const std::string& name, const Shape& shape, std::size_t image_bytes,
           const std::vector<std::int32_t>& labels, std::int64_t classes) {
  if (shape.rank() != 4 || shape.dynamic())
    throw InvalidArgument(name, "expected images of shape [N,H,W,C], got " + to_string(shape));
  if (classes < 1)
    throw InvalidArgument(name, "expected at least 1 class, got " + std::to_string(classes));
  if (static_cast<std::size_t>(shape.elements()) != image_bytes) {
    throw InvalidArgument(
        name, "expected the bytes of " + to_string(shape) + ", got " + std::to_string(image_bytes));
  }
  if (static_cast<std::size_t>(shape[0]) != labels.size()) {
    throw DataError(name, "expected as many labels as images, got " + std::to_string(shape[0]) +
                              " images and " + std::to_string(labels.size()) +
                              " labels; the files belong to different sets or one is damaged");
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0 && labels[i] < classes) continue;
    throw DataError(name, "expected labels from 0 to " + std::to_string(classes - 1) + ", image " +
                              std::to_string(i) + " has " + std::to_string(labels[i]) +
                              "; get the labels again");
  }
}

// Each row's first largest target. DataError where one is not finite.
std::vector<std::int32_t> first_largest(const std::string& name, const Tensor& targets) {
  if (targets.dtype != DType::f32 || targets.shape.rank() != 2 || targets.shape.dynamic())
    throw InvalidArgument(name, "expected targets f32[N,K], got " +
                                    std::string(to_string(targets.dtype)) +
                                    to_string(targets.shape));
  const auto values = targets.values<float>();
  const auto K = static_cast<std::size_t>(targets.shape[1]);
  std::vector<std::int32_t> labels;
  labels.reserve(static_cast<std::size_t>(targets.shape[0]));
  for (auto row = values.begin(); row != values.end(); row += static_cast<std::ptrdiff_t>(K)) {
    const auto end = row + static_cast<std::ptrdiff_t>(K);
    if (!std::all_of(row, end, [](float value) { return std::isfinite(value); }))
      throw DataError(
          name, "expected finite targets, image " + std::to_string(labels.size()) + " has another");
    labels.push_back(static_cast<std::int32_t>(std::max_element(row, end) - row));
  }
  return labels;
}

}  // namespace

struct Dataset::Storage {
  Tensor images;  // empty when `owner` has the bytes
  std::shared_ptr<const void> owner;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
  std::vector<float> weights;
  std::vector<std::uint32_t> places;
};

struct Dataset::Together {
  std::once_flag once;
  std::vector<std::uint8_t> bytes;
};

Dataset::Dataset(std::string name, Tensor images, std::vector<std::int32_t> labels,
                 std::int64_t classes)
    : name_(std::move(name)), classes_(classes) {
  if (images.dtype != DType::u8)
    throw InvalidArgument(name_, "expected u8 images, got " + std::string(to_string(images.dtype)));
  check(name_, images.shape, images.bytes.size(), labels, classes);
  image_shape_ = Shape({images.shape[1], images.shape[2], images.shape[3]});
  auto storage = std::make_shared<Storage>();
  storage->images = std::move(images);
  storage->labels = std::move(labels);
  images_ = std::as_const(storage->images).values<std::uint8_t>();
  labels_ = storage->labels;
  storage_ = std::move(storage);
}

Dataset::Dataset(std::string name, const Shape& shape, std::span<const std::uint8_t> images,
                 std::shared_ptr<const void> owner, std::vector<std::int32_t> labels,
                 std::int64_t classes)
    : name_(std::move(name)), classes_(classes), images_(images) {
  check(name_, shape, images.size(), labels, classes);
  image_shape_ = Shape({shape[1], shape[2], shape[3]});
  auto storage = std::make_shared<Storage>();
  storage->owner = std::move(owner);
  storage->labels = std::move(labels);
  labels_ = storage->labels;
  storage_ = std::move(storage);
}

Dataset::Dataset(const std::string& name, Tensor images, const Tensor& targets)
    : Dataset(name, std::move(images), first_largest(name, targets),
              targets.shape.rank() > 0 ? targets.shape.back() : 0) {
  auto storage = std::make_shared<Storage>(*storage_);
  const auto values = targets.values<float>();
  storage->targets.assign(values.begin(), values.end());
  keep(std::move(storage));
}

Dataset Dataset::one_hot() const {
  Dataset result = *this;
  auto storage = std::make_shared<Storage>();
  storage->owner = storage_;  // of the images
  storage->labels.assign(labels_.begin(), labels_.end());
  storage->targets.assign(labels_.size() * static_cast<std::size_t>(classes_), 0);
  for (std::size_t i = 0; i < labels_.size(); ++i)
    storage
        ->targets[i * static_cast<std::size_t>(classes_) + static_cast<std::size_t>(labels_[i])] =
        1;
  storage->weights.assign(weights_.begin(), weights_.end());
  result.keep(std::move(storage));
  return result;
}

Dataset Dataset::with_sample_weights(std::vector<float> weights) const {
  if (std::ssize(weights) != size())
    throw DataError(name_, "expected a weight for each of " + std::to_string(size()) +
                               " images, got " + std::to_string(weights.size()));
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!(weights[i] >= 0 && std::isfinite(weights[i])))
      throw DataError(name_, "expected finite weights of at least 0, image " + std::to_string(i) +
                                 " has " + std::to_string(weights[i]));
  if (std::all_of(weights.begin(), weights.end(), [](float weight) { return weight == 0; }))
    throw DataError(name_, "expected a weight above 0, all are 0");
  Dataset result = *this;
  auto storage = std::make_shared<Storage>();
  storage->owner = storage_;  // of the images
  storage->labels.assign(labels_.begin(), labels_.end());
  storage->targets.assign(targets_.begin(), targets_.end());
  storage->weights = std::move(weights);
  result.keep(std::move(storage));
  return result;
}

void Dataset::keep(std::shared_ptr<const Storage> storage) {
  if (!storage->images.bytes.empty()) images_ = storage->images.values<std::uint8_t>();
  labels_ = storage->labels;
  targets_ = storage->targets;
  weights_ = storage->weights;
  storage_ = std::move(storage);
}

std::span<const std::uint8_t> Dataset::image(std::int64_t index) const {
  if (index < 0 || index >= size()) {
    throw InvalidArgument(name_, "expected an image from 0 to " + std::to_string(size() - 1) +
                                     ", got " + std::to_string(index));
  }
  const auto bytes = static_cast<std::size_t>(image_bytes());
  const auto i = static_cast<std::size_t>(index);
  return images_.subspan((places_.empty() ? i : places_[i]) * bytes, bytes);
}

std::span<const std::uint8_t> Dataset::copied_together() const {
  std::call_once(together_->once, [&] {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(labels_.size() * static_cast<std::size_t>(image_bytes()));
    for (std::int64_t i = 0; i < size(); ++i) {
      const auto one = image(i);
      bytes.insert(bytes.end(), one.begin(), one.end());
    }
    together_->bytes = std::move(bytes);
  });
  return together_->bytes;
}

bool Dataset::shares_images_with(const Dataset& other) const {
  if (size() != other.size() || images_.data() != other.images_.data() ||
      images_.size() != other.images_.size())
    return false;
  return std::equal(places_.begin(), places_.end(), other.places_.begin(), other.places_.end());
}

Dataset Dataset::subset(std::int64_t begin, std::int64_t end) const {
  if (begin < 0 || begin > end || end > size()) {
    throw InvalidArgument(name_, "expected a part of [0, " + std::to_string(size()) + "), got [" +
                                     std::to_string(begin) + ", " + std::to_string(end) + ")");
  }
  const auto first = static_cast<std::size_t>(begin);
  const auto count = static_cast<std::size_t>(end - begin);
  const auto bytes = static_cast<std::size_t>(image_bytes());
  Dataset part = *this;
  if (places_.empty()) {
    part.images_ = images_.subspan(first * bytes, count * bytes);
  } else {
    part.places_ = places_.subspan(first, count);
    part.together_ = std::make_shared<Together>();
  }
  part.labels_ = labels_.subspan(first, count);
  if (has_targets()) {
    const auto width = static_cast<std::size_t>(classes_);
    part.targets_ = targets_.subspan(first * width, count * width);
  }
  if (has_sample_weights()) part.weights_ = weights_.subspan(first, count);
  return part;
}

Dataset Dataset::select(std::span<const std::uint32_t> indices) const {
  auto storage = std::make_shared<Storage>();
  storage->owner = storage_;  // of the images
  const auto width = static_cast<std::size_t>(has_targets() ? classes_ : 0);
  for (const std::uint32_t index : indices) {
    image(index);  // in range?
    storage->places.push_back(places_.empty() ? index : places_[index]);
    storage->labels.push_back(labels_[index]);
    const auto row = targets_.subspan(index * width, width);
    storage->targets.insert(storage->targets.end(), row.begin(), row.end());
    if (has_sample_weights()) storage->weights.push_back(weights_[index]);
  }
  Dataset part = *this;
  part.keep(storage);
  part.places_ = storage->places;
  part.together_ = std::make_shared<Together>();
  return part;
}

const Dataset& Splits::named(std::string_view split) const {
  if (split == "train") return train;
  if (split == "validation") return validation;
  if (split == "test") return test;
  throw InvalidArgument(
      "split '" + std::string(split) + "'",
      "expected train, validation or test" + did_you_mean(split, {"train", "validation", "test"}));
}

}  // namespace evenkeel
