// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/verify.h"

#include <algorithm>
#include <functional>

#include "evenkeel/base/error.h"
#include "evenkeel/data/image_folder.h"
#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/data/verify_splits.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

void verify_known(SetReport& report, const DatasetOptions& options) {
  report.files = verify_files(report.name, options);
  if (report.wrong() > 0) return;
  verify_splits(load(report.name, options), Published::yes, nullptr, report);
}

void verify_npz(SetReport& report, const DatasetOptions& options) {
  verify_splits(load(report.name, options), Published::no, nullptr, report);
}

// All that load() would stop at, and what it would not see.
void verify_folder(SetReport& report, const DatasetOptions& options) {
  const FolderScan scan = scan_folder(report.name);
  for (const std::string& fault : scan.faults)
    report.findings.push_back({"folder", true, fault, {}, {}});
  if (!scan.faults.empty()) {
    for (const BadFile& bad : scan.strays)
      report.findings.push_back({"image", true, bad.problem, bad.path, {}});
    return;
  }
  const DecodedFolder folder = decode_folder(report.name, report.name, options.decoded_cache);
  for (const BadFile& bad : folder.bad)
    report.findings.push_back({"image", !options.skip_bad, bad.problem, bad.path, {}});
  std::vector<fs::path> files;
  for (const auto& part : folder.files) files.insert(files.end(), part.begin(), part.end());
  const std::uint8_t* const first = folder.images.images().data();
  const auto file_of = [&](std::span<const std::uint8_t> image) {
    return files.at(static_cast<std::size_t>((image.data() - first) / folder.images.image_bytes()));
  };
  verify_splits(splits_of(folder, options), Published::no, file_of, report);
}

}  // namespace

std::int64_t SetReport::wrong() const {
  return std::count_if(files.begin(), files.end(), [](const auto& file) { return !file.good(); }) +
         std::count_if(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.spoils; });
}

SetReport verify(std::string_view name_or_path, const DatasetOptions& options) {
  SetReport report;
  report.name = name_or_path;
  const auto known = names();
  std::error_code error;
  if (std::find(known.begin(), known.end(), name_or_path) != known.end()) {
    verify_known(report, options);
    return report;
  }
  require_known_or_path("data set '" + report.name + "'", name_or_path);
  if (!fs::exists(name_or_path, error)) load(name_or_path, options);  // says so
  try {
    if (fs::is_directory(name_or_path, error))
      verify_folder(report, options);
    else
      verify_npz(report, options);
  } catch (const DataError& failure) {
    report.findings.push_back({"data", true, failure.what(), {}, {}});
  }
  std::stable_partition(report.findings.begin(), report.findings.end(),
                        [](const Finding& finding) { return finding.spoils; });
  return report;
}

}  // namespace evenkeel::datasets
