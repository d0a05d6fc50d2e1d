// SPDX-License-Identifier: Apache-2.0
// The folder of a comparison: study.json with its plan, timing.json, runs/<run>.json once a run is
// finished, compare.json and index.html at the end.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "evenkeel/base/os_lock.h"
#include "evenkeel/study/compare/record.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {

class StudyFolder {
 public:
  // InvalidArgument for a folder that open() would refuse, saying what differs; changes nothing.
  static void require_usable(const std::filesystem::path& path, const Study& study);
  // A new or empty folder, or one of the very same study: goes on there, and holds it.
  // RuntimeFailure where another process does.
  static StudyFolder open(const std::filesystem::path& path, const Study& study);
  // One that open() made. DataError where it is none.
  static StudyFolder existing(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const Study& study() const { return study_; }

  // InvalidArgument for a name that the study does not have.
  Run run(const std::string& name) const;
  std::filesystem::path record_path(const Run& run) const;
  // Beside it, what a run under way prints.
  std::filesystem::path progress_path(const Run& run) const;
  std::filesystem::path errors_path(const Run& run) const;
  bool finished(const Run& run) const;
  RunRecord record(const Run& run) const;
  void write(const Run& run, const RunRecord& record) const;
  void remove_leftovers(const Run& run) const;

  // Seconds of a step of each alternative, where they have been measured.
  static std::optional<std::vector<double>> timing(const std::filesystem::path& path,
                                                   const Study& study);
  void write_timing(const std::vector<double>& seconds) const;

 private:
  StudyFolder(std::filesystem::path path, Study study, std::optional<os::FileLock> lock)
      : path_(std::move(path)), study_(std::move(study)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  Study study_;
  std::optional<os::FileLock> lock_;
};

}  // namespace evenkeel::compare
