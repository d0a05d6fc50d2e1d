// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/image_folder.h"

#include <algorithm>

#include "evenkeel/base/error.h"
#include "evenkeel/data/parts.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListed = 10;  // of what is wrong, in one error

[[noreturn]] void fail_bad(const DecodedFolder& folder, const std::string& name) {
  std::string text =
      "expected images of one size that can be read, " + std::to_string(folder.bad.size()) +
      " of " + std::to_string(folder.bad.size() + static_cast<std::size_t>(folder.images.size())) +
      " are not:";
  for (std::size_t i = 0; i < std::min(kListed, folder.bad.size()); ++i)
    text += "\n  " + folder.bad[i].path.string() + ": " + folder.bad[i].problem;
  if (folder.bad.size() > kListed)
    text += "\n  and " + std::to_string(folder.bad.size() - kListed) + " more";
  throw DataError(name, text + "\nmend or remove them, or leave them out with --skip-bad");
}

// A class without images to train on is never learnt.
void require_classes(const DecodedFolder& folder, const Dataset& train) {
  std::vector<bool> seen(folder.scan.classes.size());
  for (const std::int32_t label : train.labels()) seen[static_cast<std::size_t>(label)] = true;
  const auto none = std::find(seen.begin(), seen.end(), false);
  if (none == seen.end()) return;
  throw DataError(train.name(),
                  "expected images of every class, all of '" +
                      folder.scan.classes[static_cast<std::size_t>(none - seen.begin())] +
                      "' were skipped; mend them or remove their folder");
}

}  // namespace

Splits splits_of(const DecodedFolder& folder, const DatasetOptions& options) {
  const Dataset& all = folder.images;
  Parts parts;
  std::int64_t begin = 0;
  const auto next = [&](std::size_t part) {
    const std::int64_t end = begin + std::ssize(folder.files[part]);
    const Dataset images = all.subset(begin, end);
    begin = end;
    return images;
  };
  parts.train = next(0);
  require_classes(folder, parts.train);
  if (folder.scan.is_there[1]) parts.validation = next(1);
  if (folder.scan.is_there[2]) parts.test = next(2);
  Splits splits = divided(parts, options);
  splits.class_names = folder.scan.classes;
  for (const BadFile& bad : folder.bad) splits.skipped.push_back(bad.path);
  return splits;
}

Splits load_folder(const fs::path& root, const std::string& name, const DatasetOptions& options) {
  const DecodedFolder folder = decode_folder(root, name, options.decoded_cache);
  if (!options.skip_bad && !folder.bad.empty()) fail_bad(folder, name);
  Splits splits = splits_of(folder, options);
  splits.source = root;
  return splits;
}

}  // namespace evenkeel::datasets
