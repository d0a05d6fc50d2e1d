// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "evenkeel/base/error.h"

namespace evenkeel::os {
namespace {

[[noreturn]] void fail_to_lock(const std::filesystem::path& path, int error) {
  throw RuntimeFailure(path.string(), "could not be locked, the system says: " +
                                          std::generic_category().message(error) +
                                          "; check the folder and its permissions");
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
  // Not for programs that are started from here: they would hold it on after our end.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail_to_lock(path, errno);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    file_ = file;
    return;
  }
  const int error = errno;
  ::close(file);
  if (error != EWOULDBLOCK) fail_to_lock(path, error);
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

bool is_locked(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  // A shared lock is refused by the one that is held, and gone at once where it is not.
  const bool locked = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return locked;
}

}  // namespace evenkeel::os
