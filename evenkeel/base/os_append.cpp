// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_append.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "evenkeel/base/error.h"

namespace evenkeel::os {
namespace {

[[noreturn]] void fail_to_append(const std::filesystem::path& path, int error) {
  std::string text =
      "could not be written, the system says: " + std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) text += "; make room";
  throw RuntimeFailure(path.string(), text);
}

}  // namespace

AppendFile::AppendFile(std::filesystem::path path) : path_(std::move(path)) {
  // A named pipe without a reader must not hold us up; regular files ignore O_NONBLOCK.
  const int file =
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (file < 0) fail_to_append(path_, errno);
  struct stat status {};
  const int error = ::fstat(file, &status) != 0 ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
  if (error != 0) {
    ::close(file);
    fail_to_append(path_, error);
  }
  file_ = file;
  size_ = static_cast<std::uint64_t>(status.st_size);
}

AppendFile::~AppendFile() {
  if (file_ >= 0) ::close(file_);
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), size_(other.size_) {}

void AppendFile::append(Bytes record) {
  Bytes left = record;
  while (!left.empty()) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      // Where even this fails, readers leave out the torn record.
      (void)!::ftruncate(file_, static_cast<off_t>(size_));
      fail_to_append(path_, error);
    }
    left = left.subspan(static_cast<std::size_t>(written));
  }
  size_ += record.size();
}

void AppendFile::sync() const {
  // File systems that cannot sync say EINVAL.
  if (::fsync(file_) != 0 && errno != EINVAL && errno != ENOTSUP) fail_to_append(path_, errno);
}

}  // namespace evenkeel::os
