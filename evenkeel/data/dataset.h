// SPDX-License-Identifier: Apache-2.0
// Labelled images: u8 [N,H,W,C] with one i32 label each, or K targets. Immutable; copies and
// subsets share bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"
#include "evenkeel/base/tensor.h"

namespace evenkeel {

class EVENKEEL_API Dataset {
 public:
  Dataset() = default;
  // images: u8 [N,H,W,C]. DataError when the counts disagree or a label is not in [0, classes);
  // InvalidArgument when the tensor is of another dtype or rank.
  Dataset(std::string name, Tensor images, std::vector<std::int32_t> labels, std::int64_t classes);
  // The same over bytes that `owner` keeps alive (a mapped file); shape: [N,H,W,C].
  Dataset(std::string name, const Shape& shape, std::span<const std::uint8_t> images,
          std::shared_ptr<const void> owner, std::vector<std::int32_t> labels,
          std::int64_t classes);
  // With targets f32 [N,K] in place of classes: one-hot, several classes at once, or values to be
  // fitted. The labels are then each row's first largest target, the classes K. DataError for
  // targets that are not finite or are of another count.
  Dataset(const std::string& name, Tensor images, const Tensor& targets);
  // The same images with one-hot targets.
  Dataset one_hot() const;
  // The same images with a weight each, for networks that read Scope::sample_weights(): there the
  // batch statistics weigh by them. The loss does not. DataError for another count, and for weights
  // that are below 0, not finite, or all 0.
  Dataset with_sample_weights(std::vector<float> weights) const;

  const std::string& name() const { return name_; }
  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  std::int64_t classes() const { return classes_; }
  // [H,W,C]
  const Shape& image_shape() const { return image_shape_; }
  std::int64_t image_bytes() const { return image_shape_.elements(); }

  // N*H*W*C bytes one image after the other. Those of select() lie scattered: they are copied
  // together the first time, so for sets larger than memory use image().
  std::span<const std::uint8_t> images() const { return together_ ? copied_together() : images_; }
  // N labels.
  std::span<const std::int32_t> labels() const { return labels_; }
  // N*K numbers, or none where there are only labels.
  std::span<const float> targets() const { return targets_; }
  bool has_targets() const { return !targets_.empty(); }
  // N numbers, or none.
  std::span<const float> sample_weights() const { return weights_; }
  bool has_sample_weights() const { return !weights_.empty(); }
  // One image of H*W*C bytes; index in [0, size()).
  std::span<const std::uint8_t> image(std::int64_t index) const;

  // Images [begin, end), sharing this set's bytes. InvalidArgument outside of [0, size()].
  Dataset subset(std::int64_t begin, std::int64_t end) const;
  // The images of these indices in this order, sharing this set's bytes: 4 bytes an image are
  // added, and labels, targets and weights copied. InvalidArgument outside of [0, size()).
  Dataset select(std::span<const std::uint32_t> indices) const;
  // Whether both show the very same bytes in the same order; labels are not compared.
  bool shares_images_with(const Dataset& other) const;

 private:
  struct Storage;
  struct Together;
  void keep(std::shared_ptr<const Storage> storage);
  std::span<const std::uint8_t> copied_together() const;

  std::string name_;
  Shape image_shape_;
  std::int64_t classes_ = 0;
  std::shared_ptr<const Storage> storage_;  // keeps the spans below alive
  std::span<const std::uint8_t> images_;    // in order, or with places_ those they are among
  std::span<const std::uint32_t> places_;   // of select(): image i is images_' image places_[i]
  std::shared_ptr<Together> together_;      // of select(): the copy that images() makes
  std::span<const std::int32_t> labels_;
  std::span<const float> targets_;
  std::span<const float> weights_;
};

// The parts of a data set; nothing is ever chosen by looking at `test`.
struct EVENKEEL_API Splits {
  Dataset train;
  Dataset validation;
  Dataset test;
  std::filesystem::path source = {};  // the folder or file that the images came from
  // In the order of the labels; none where classes are but numbers.
  std::vector<std::string> class_names = {};
  std::vector<std::filesystem::path> skipped = {};  // by DatasetOptions::skip_bad, sorted

  // "train", "validation" or "test"; else InvalidArgument that suggests the nearest.
  const Dataset& named(std::string_view split) const;
};

// Every field has an initialiser, so that naming only some of them draws no warning.
struct DatasetOptions {
  // Looked in first: <directory>/mnist/train-images-idx3-ubyte.gz, or without .gz.
  std::filesystem::path directory = {};
  // Over https, into the user's cache, where no folder has the set.
  bool download = false;
  // Keep decoded files in the user's cache, to map them next time.
  bool decoded_cache = true;
  // Instead of the public ones: URLs ending in "/".
  std::vector<std::string> mirrors = {};

  // How large the parts are that the set's files do not make themselves: below 1 a share, from 1 on
  // a number of images, of those that are divided; 0: none. Not given: a set known by name is split
  // as it usually is, any other gives a tenth. InvalidArgument for a part that the files have.
  std::optional<double> validation = {};
  std::optional<double> test = {};
  // Chooses those images, and nothing else: other seeds of training leave the parts alone.
  std::uint64_t split_seed = 1;
  // Every class has the same share of each part, to within an image (data/split.h).
  bool stratified = true;

  // In a folder of images: go on without the files that cannot be read or are of another size, and
  // list them in Splits::skipped. Else they are one DataError.
  bool skip_bad = false;
};

// Implemented by data/registry.cpp, which has list, fetch and load by name or path beside them.
namespace datasets {

// Where sets are looked for, in order: `given`, $EVENKEEL_DATA, the user's cache,
// /usr/share/datasets (Debian's packages). Folders that do not exist are listed too.
EVENKEEL_API std::vector<std::filesystem::path> default_directories(
    const std::filesystem::path& given = {});

// TensorFlow's split: the first 5,000 training images are validation, then 55,000 train; 10,000
// test. A damaged or incomplete set is a DataError, never a reason to look further; one found
// nowhere is a DataError that lists the places; a failed download is a RuntimeFailure.
EVENKEEL_API Splits mnist(const DatasetOptions& options = {});
EVENKEEL_API Splits fashion_mnist(const DatasetOptions& options = {});

}  // namespace datasets
}  // namespace evenkeel
