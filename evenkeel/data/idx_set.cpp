// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/idx_set.h"

#include <algorithm>
#include <array>
#include <future>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/decoded_cache.h"
#include "evenkeel/data/parts.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFiles = 4;
constexpr std::int64_t kClasses = 10;

std::size_t rank_of(std::size_t role) {
  return role == train_images || role == test_images ? 3 : 1;
}

void check_counts(std::int64_t images, std::int64_t labels, const std::string& where) {
  if (images == labels) return;
  throw DataError(where, "expected as many labels as images, got " + std::to_string(labels) +
                             " labels for " + std::to_string(images) +
                             " images; get both files again");
}

Dataset assemble(const KnownSet& set, const Located& located, FileRole images_role,
                 const DecodedFile& images_file, const DecodedFile& labels_file) {
  const FileRole labels_role = images_role == train_images ? train_labels : test_labels;
  const std::string labels_path = located.files[labels_role].string();
  const IdxView images =
      check_idx_file(images_file.bytes, images_role, located.files[images_role].string());
  const IdxView labels = check_idx_file(labels_file.bytes, labels_role, labels_path);
  check_counts(images.shape[0], labels.shape[0], labels_path);
  return Dataset(std::string(set.name), Shape({images.shape[0], kImageSide, kImageSide, 1}),
                 images.values, images_file.owner,
                 std::vector<std::int32_t>(labels.values.begin(), labels.values.end()), kClasses);
}

}  // namespace

IdxView check_idx_file(std::span<const std::byte> bytes, std::size_t role,
                       const std::string& where) {
  IdxView view = parse_idx(bytes, rank_of(role), where);
  if (view.shape[0] == 0) throw DataError(where, "expected at least one element, got none");
  if (rank_of(role) == 3 && (view.shape[1] != kImageSide || view.shape[2] != kImageSide)) {
    throw DataError(
        where, "expected images of 28x28, got " + to_string(view.shape) + "; get the file again");
  }
  if (rank_of(role) == 1) {
    const auto wrong = std::find_if(view.values.begin(), view.values.end(),
                                    [](std::uint8_t label) { return label >= kClasses; });
    if (wrong != view.values.end()) {
      throw DataError(where, "expected labels from 0 to 9, image " +
                                 std::to_string(wrong - view.values.begin()) + " has " +
                                 std::to_string(*wrong) + "; get the file again");
    }
  }
  return view;
}

Splits load_idx_set(const KnownSet& set, const Located& located, const DatasetOptions& options) {
  const fs::path cache = decoded_folder(options.decoded_cache);
  std::array<std::future<DecodedFile>, kFiles> reads;
  for (std::size_t role = 0; role < kFiles; ++role) {
    reads[role] = std::async(std::launch::async, read_decoded, located.files[role],
                             rank_of(role) == 3 ? cache : fs::path());
  }
  std::array<DecodedFile, kFiles> files;
  for (std::size_t role = 0; role < kFiles; ++role) files[role] = reads[role].get();

  const Dataset train =
      assemble(set, located, train_images, files[train_images], files[train_labels]);
  const Dataset test = assemble(set, located, test_images, files[test_images], files[test_labels]);
  if (options.validation || options.test) return divided({train, {}, test}, options);
  const std::int64_t held_out = usual_validation(train.size());
  return {train.subset(held_out, train.size()), train.subset(0, held_out), test};
}

}  // namespace evenkeel::datasets
