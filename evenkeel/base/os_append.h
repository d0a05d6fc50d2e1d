// SPDX-License-Identifier: Apache-2.0
// Files that only grow.
#pragma once

#include <cstdint>
#include <filesystem>

#include "evenkeel/base/export.h"
#include "evenkeel/base/os.h"

namespace evenkeel::os {

// Records at the end of a file, each there whole or not at all as long as the system runs: what a
// full disk took in part is cut off again. Every fault is a RuntimeFailure that names the file.
class EVENKEEL_API AppendFile {
 public:
  // Opens the file, or makes it; what it holds stays.
  explicit AppendFile(std::filesystem::path path);
  ~AppendFile();
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&&) = delete;
  AppendFile(const AppendFile&) = delete;

  // In the system's hands when it returns: it survives the process.
  void append(Bytes record);
  // Until it would survive a power cut. From any thread.
  void sync() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace evenkeel::os
