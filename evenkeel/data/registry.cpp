// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/registry.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/data/cifar_set.h"
#include "evenkeel/data/class_names.h"
#include "evenkeel/data/download.h"
#include "evenkeel/data/file_check.h"
#include "evenkeel/data/idx_set.h"
#include "evenkeel/data/image_folder.h"
#include "evenkeel/data/npz_set.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr const char kNpz[] = ".npz";

bool is_known(std::string_view name) {
  const auto sets = known_sets();
  return std::any_of(sets.begin(), sets.end(),
                     [&](const KnownSet& set) { return set.name == name; });
}

bool in_download_folder(const Located& located) {
  const fs::path cache = os::user_cache_directory();
  return !cache.empty() && located.folder.parent_path() == cache;
}

Splits load_known(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  auto located = locate(set, options);
  const bool unfinished = located && !located->complete() && in_download_folder(*located);
  if (options.download && set.downloads() && (!located || unfinished))
    located = look_in(fetch(name, options), set);
  if (!located) fail_not_found(set, options);
  if (!located->complete()) fail_incomplete(set, *located);
  Splits splits = set.format == SetFormat::idx ? load_idx_set(set, *located, options)
                                               : load_cifar_set(set, *located, options);
  splits.source = located->folder;
  const auto names = class_names(name);
  splits.class_names.assign(names.begin(), names.end());
  return splits;
}

}  // namespace

std::vector<Listing> list(const DatasetOptions& options) {
  std::vector<Listing> result;
  for (const KnownSet& set : known_sets()) {
    const auto located = locate(set, options);
    result.push_back({std::string(set.name), std::string(set.description),
                      located ? located->folder : fs::path(), set.downloads()});
  }
  return result;
}

Splits load(std::string_view name_or_path, const DatasetOptions& options) {
  if (is_known(name_or_path) || !is_known_or_path(name_or_path))
    return load_known(name_or_path, options);
  const fs::path path = name_or_path;
  const std::string name(name_or_path);
  std::error_code error;
  if (fs::is_directory(path, error)) return load_folder(path, name, options);
  if (path.extension() == kNpz && fs::exists(path, error)) return load_npz(path, name, options);
  throw DataError(name, fs::exists(path, error)
                            ? "expected a folder of images or an .npz file, got another file"
                            : "expected a folder of images or an .npz file, there is none");
}

bool is_known_or_path(std::string_view name_or_path) {
  const fs::path path = name_or_path;
  std::error_code error;
  return is_known(name_or_path) || path.extension() == kNpz ||
         name_or_path.find('/') != std::string_view::npos ||
         (!path.empty() && fs::exists(path, error));
}

void require_known_or_path(const std::string& where, std::string_view name_or_path) {
  if (is_known_or_path(name_or_path)) return;
  std::string known;
  for (const std::string& name : names()) known += name + ", ";
  throw InvalidArgument(where,
                        "expected one of " + known + "a folder of images or an .npz file, got '" +
                            std::string(name_or_path) + "'" + did_you_mean(name_or_path, names()));
}

std::vector<std::string> class_names_of(std::string_view name_or_path) {
  const auto known = class_names(name_or_path);
  if (!known.empty() || is_known(name_or_path)) return {known.begin(), known.end()};
  std::error_code error;
  if (!fs::is_directory(name_or_path, error)) return {};
  try {
    return scan_folder(name_or_path).classes;
  } catch (const DataError&) {
    return {};
  }
}

Splits mnist(const DatasetOptions& options) { return load("mnist", options); }
Splits fashion_mnist(const DatasetOptions& options) { return load("fashion-mnist", options); }

fs::path fetch(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  const auto located = locate(set, options);
  if (located && (!set.downloads() || !in_download_folder(*located))) {
    if (!located->complete()) fail_incomplete(set, *located);
    return located->folder;
  }
  if (!set.downloads()) fail_not_found(set, options);
  fs::path folder = download_folder(set);
  const Located present = look_in(folder, set);
  for (std::size_t file = 0; file < set.files.size(); ++file)
    if (!check_file(set, present, file).good())
      download_file(set, set.files[file], folder, options.mirrors);
  return folder;
}

}  // namespace evenkeel::datasets
