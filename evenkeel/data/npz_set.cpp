// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/npz_set.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/made_content.h"
#include "evenkeel/data/parts.h"
#include "evenkeel/formats/npz.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostClasses = 65536;
constexpr std::int64_t kMostNpzChannels = 4;

struct Names {
  const char* images;
  const char* labels;
};
// Train, validation, test.
constexpr std::array<std::array<Names, 3>, 3> kNpzParts = {
    {{{{"x_train", "y_train"}, {"train_images", "train_labels"}, {"images", "labels"}}},
     {{{"x_val", "y_val"},
       {"val_images", "val_labels"},
       {"validation_images", "validation_labels"}}},
     {{{"x_test", "y_test"}, {"test_images", "test_labels"}, {"test_images", "test_labels"}}}}};

struct Part {
  NpzArray images;
  Shape shape;  // [N,H,W,C]
  std::vector<std::int32_t> labels;
};

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

Shape image_shape(const NpzArray& array, const std::string& where) {
  const std::string name = where + ": " + array.name;
  const auto& shape = array.header.shape;
  if (array.header.kind() != 'u' || array.header.item_bytes != 1)
    throw DataError(name,
                    "expected uint8 images from 0 to 255, got " + describe(array) +
                        "; save them with .astype('uint8')" +
                        (array.header.kind() == 'f' ? ", times 255 where they end at 1" : ""));
  if (array.header.fortran_order)
    throw DataError(name,
                    "expected images in C order, got Fortran's; save them through "
                    "numpy.ascontiguousarray");
  if (shape.size() != 3 && shape.size() != 4)
    throw DataError(name, "expected images of shape (N,H,W) or (N,H,W,C), got " + describe(array));
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent == 0; }))
    throw DataError(name, "expected images, got " + describe(array));
  const std::int64_t channels = shape.size() == 4 ? shape[3] : 1;
  if (channels > kMostNpzChannels)
    throw DataError(name, "expected at most 4 channels, in the last place, got " + describe(array) +
                              "; of (N,C,H,W) save numpy.transpose(x, (0, 2, 3, 1))");
  return {shape[0], shape[1], shape[2], channels};
}

std::vector<std::int32_t> labels_of(const Npz& npz, const NpzArray& array, std::int64_t images,
                                    const std::string& where) {
  const std::string name = where + ": " + array.name;
  const auto& shape = array.header.shape;
  const bool column = shape.size() == 2 && shape[1] == 1;
  if (shape.size() != 1 && !column)
    throw DataError(name, "expected labels of shape (N,), got " + describe(array) +
                              "; of one-hot rows save y.argmax(axis=1)");
  if (shape[0] != images)
    throw DataError(name, "expected as many labels as images, got " + std::to_string(shape[0]) +
                              " labels for " + std::to_string(images) + " images");
  std::vector<std::int32_t> labels;
  labels.reserve(static_cast<std::size_t>(images));
  for (const std::int64_t label : npz.integers(array)) {
    if (label < 0 || label >= kMostClasses)
      throw DataError(name,
                      "expected labels from 0 to " + std::to_string(kMostClasses - 1) + ", image " +
                          std::to_string(labels.size()) + " has " + std::to_string(label) +
                          "; number the classes 0, 1, 2, ... (numpy.unique has their places)");
    labels.push_back(static_cast<std::int32_t>(label));
  }
  return labels;
}

std::optional<Part> find_part(const Npz& npz, std::size_t part, const std::string& where) {
  for (const Names& names : kNpzParts[part]) {
    auto images = npz.find(names.images);
    const auto labels = npz.find(names.labels);
    if (!images && !labels) continue;
    if (!images || !labels)
      throw DataError(where, std::string("expected ") + names.images + " and " + names.labels +
                                 " together, one is missing; it has " + list_of(npz.names()));
    const Shape shape = image_shape(*images, where);
    return Part{std::move(*images), shape, labels_of(npz, *labels, shape[0], where)};
  }
  return std::nullopt;
}

void require_same_size(const Part& first, const Part& other, const std::string& where) {
  for (std::size_t axis = 1; axis < 4; ++axis)
    if (first.shape[axis] != other.shape[axis])
      throw DataError(where, "expected images of one size, got " + describe(first.images) + " in " +
                                 first.images.name + " and " + describe(other.images) + " in " +
                                 other.images.name);
}

}  // namespace

Splits load_npz(const fs::path& path, const std::string& name, const DatasetOptions& options) {
  const std::string identity = identities_of(std::array{path}, path);  // before it is looked into
  const Npz npz(path);
  const std::string where = path.string();
  std::array<std::optional<Part>, 3> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = find_part(npz, i, where);
  if (!parts[0])
    throw DataError(where, "expected arrays x_train and y_train, or images and labels, it has " +
                               list_of(npz.names()) + "; save them with numpy.savez_compressed");
  Shape all = parts[0]->shape;
  all[0] = 0;
  std::vector<std::int32_t> labels;
  std::string arrays;
  for (const auto& part : parts) {
    if (!part) continue;
    require_same_size(*parts[0], *part, where);
    all[0] += part->shape[0];
    labels.insert(labels.end(), part->labels.begin(), part->labels.end());
    arrays += " " + part->images.name;
  }
  const std::int64_t classes = *std::max_element(labels.begin(), labels.end()) + 1;
  if (classes < 2) throw DataError(where, "expected labels of at least two classes, all are 0");

  const ContentKey key = {path, "arrays" + arrays, identity,
                          static_cast<std::uint64_t>(all.elements())};
  const DecodedFile content =
      made_content(key, decoded_folder(options.decoded_cache), [&](const Append& append) {
        for (const auto& part : parts)
          if (part) npz.read(part->images, append);
      });
  const Dataset images(
      name, all,
      {reinterpret_cast<const std::uint8_t*>(content.bytes.data()), content.bytes.size()},
      content.owner, std::move(labels), classes);
  std::array<std::optional<Dataset>, 3> sets;
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i]) continue;
    sets[i] = images.subset(begin, begin + parts[i]->shape[0]);
    begin += parts[i]->shape[0];
  }
  Splits splits = divided({*sets[0], sets[1], sets[2]}, options);
  splits.source = path;
  return splits;
}

}  // namespace evenkeel::datasets
