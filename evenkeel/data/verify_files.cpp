// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/cifar_set.h"
#include "evenkeel/data/file_check.h"
#include "evenkeel/data/idx_set.h"
#include "evenkeel/data/verify.h"
#include "evenkeel/formats/sha256.h"

namespace evenkeel::datasets {

FileReport check_file(const KnownSet& set, const Located& located, std::size_t file) {
  FileReport report{located.files[file], "", std::string(set.files[file].sha256), ""};
  if (report.path.empty()) {
    report.path = located.folder / file_name(set, file);
    report.problem = "is missing";
    return report;
  }
  try {
    const bool idx = set.format == SetFormat::idx;
    const std::vector<std::byte> bytes =
        idx ? read_maybe_gzip(report.path) : os::read_file(report.path);
    report.sha256 = sha256(bytes);
    if (idx)
      check_idx_file(bytes, file, report.path.string());
    else
      check_cifar_file(bytes, set, report.path.string());
    if (!report.expected.empty() && report.sha256 != report.expected)
      report.problem = "expected SHA-256 " + report.expected + ", got " + report.sha256;
  } catch (const DataError& error) {
    report.problem = error.what();
  }
  return report;
}

std::vector<FileReport> verify_files(std::string_view name, const DatasetOptions& options) {
  const KnownSet& set = known_set(name);
  const auto located = locate(set, options);
  if (!located) fail_not_found(set, options);
  std::vector<FileReport> reports;
  for (std::size_t file = 0; file < set.files.size(); ++file)
    reports.push_back(check_file(set, *located, file));
  return reports;
}

}  // namespace evenkeel::datasets
