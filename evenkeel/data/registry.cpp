// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/registry.h"

#include <algorithm>
#include <array>
#include <future>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/decoded_cache.h"
#include "evenkeel/data/download.h"
#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/locate.h"
#include "evenkeel/formats/idx.h"
#include "evenkeel/formats/sha256.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

std::size_t rank_of(std::size_t role) {
  return role == train_images || role == test_images ? 3 : 1;
}

// What every file is held to, on every load.
IdxView check_file(std::span<const std::byte> bytes, std::size_t role, const std::string& where) {
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
      check_file(images_file.bytes, images_role, located.files[images_role].string());
  const IdxView labels = check_file(labels_file.bytes, labels_role, labels_path);
  check_counts(images.shape[0], labels.shape[0], labels_path);
  return Dataset(std::string(set.name), Shape({images.shape[0], kImageSide, kImageSide, 1}),
                 images.values, images_file.owner,
                 std::vector<std::int32_t>(labels.values.begin(), labels.values.end()), kClasses);
}

// TensorFlow takes the first 5,000 of 60,000; a set too small for that gives its first twelfth.
std::int64_t validation_count(std::int64_t images) { return images > 5000 ? 5000 : images / 12; }

Splits load_located(const KnownSet& set, const Located& located, bool decoded_cache) {
  fs::path cache = decoded_cache ? os::user_cache_directory() : fs::path();
  if (!cache.empty()) cache /= "decoded";
  std::array<std::future<DecodedFile>, kFiles> reads;
  for (std::size_t role = 0; role < kFiles; ++role) {
    reads[role] = std::async(std::launch::async, read_decoded, located.files[role],
                             rank_of(role) == 3 ? cache : fs::path());
  }
  std::array<DecodedFile, kFiles> files;
  for (std::size_t role = 0; role < kFiles; ++role) files[role] = reads[role].get();

  const Dataset train =
      assemble(set, located, train_images, files[train_images], files[train_labels]);
  const std::int64_t held_out = validation_count(train.size());
  return {train.subset(held_out, train.size()), train.subset(0, held_out),
          assemble(set, located, test_images, files[test_images], files[test_labels]),
          located.folder};
}

bool in_download_folder(const Located& located) {
  const fs::path cache = os::user_cache_directory();
  return !cache.empty() && located.folder.parent_path() == cache;
}

FileReport report_file(const KnownSet& set, const Located& located, std::size_t role) {
  FileReport report{located.files[role], "", std::string(set.files[role].sha256), ""};
  if (report.path.empty()) {
    report.path = located.folder / (std::string(set.files[role].name) + ".gz");
    report.problem = "is missing";
    return report;
  }
  try {
    const std::vector<std::byte> bytes = read_maybe_gzip(report.path);
    report.sha256 = sha256(bytes);
    check_file(bytes, role, report.path.string());
    if (report.sha256 != report.expected)
      report.problem = "expected SHA-256 " + report.expected + ", got " + report.sha256;
  } catch (const DataError& error) {
    report.problem = error.what();
  }
  return report;
}

}  // namespace

std::vector<Listing> list(const DatasetOptions& options) {
  std::vector<Listing> result;
  for (const KnownSet& set : known_sets()) {
    const auto located = locate(set, options);
    result.push_back({std::string(set.name), std::string(set.description),
                      located ? located->folder : fs::path()});
  }
  return result;
}

Splits load(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  auto located = locate(set, options);
  const bool unfinished = located && !located->complete() && in_download_folder(*located);
  if (options.download && (!located || unfinished)) located = look_in(fetch(name, options), set);
  if (!located) fail_not_found(set, options);
  if (!located->complete()) fail_incomplete(set, *located);
  return load_located(set, *located, options.decoded_cache);
}

Splits mnist(const DatasetOptions& options) { return load("mnist", options); }
Splits fashion_mnist(const DatasetOptions& options) { return load("fashion-mnist", options); }

fs::path fetch(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  const auto located = locate(set, options);
  if (located && !in_download_folder(*located)) {
    if (!located->complete()) fail_incomplete(set, *located);
    return located->folder;
  }
  fs::path folder = download_folder(set);
  const Located present = look_in(folder, set);
  for (std::size_t role = 0; role < kFiles; ++role)
    if (!report_file(set, present, role).good())
      download_file(set, set.files[role], folder, options.mirrors);
  return folder;
}

std::vector<FileReport> verify(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  const auto located = locate(set, options);
  if (!located) fail_not_found(set, options);
  std::vector<FileReport> reports;
  for (std::size_t role = 0; role < kFiles; ++role)
    reports.push_back(report_file(set, *located, role));
  return reports;
}

}  // namespace evenkeel::datasets
