// SPDX-License-Identifier: Apache-2.0
// One process at a time.
#pragma once

#include <filesystem>

#include "evenkeel/base/export.h"

namespace evenkeel::os {

// A file that this object alone holds, among all processes of the machine, until it goes or the
// process ends, however that comes about. The file itself stays: it means nothing.
class EVENKEEL_API FileLock {
 public:
  // Does not wait. RuntimeFailure naming `path` where the file cannot be made.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

  // False where another process, or another object of this one, holds it.
  bool held() const { return file_ >= 0; }

 private:
  int file_ = -1;
};

// Whether somebody holds the lock of that file now; false where there is no such file, or none that
// can be looked at. Makes no file.
EVENKEEL_API bool is_locked(const std::filesystem::path& path);

}  // namespace evenkeel::os
