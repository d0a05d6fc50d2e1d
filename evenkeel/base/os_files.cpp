// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"

namespace evenkeel::os {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

// A descriptor that is closed whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  // 0, or the error that a delayed write reported.
  int close() {
    if (number_ < 0) return 0;
    return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno;
  }

 private:
  int number_;
};

Descriptor open_file(const fs::path& path, int flags, mode_t mode = 0) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

// O_NONBLOCK: a named pipe without a writer must not hold us up; regular files ignore it.
Descriptor open_regular(const fs::path& path, std::size_t& size) {
  Descriptor file = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!file.valid()) {
    throw DataError(path.string(), "expected a readable file, the system says: " + reason(errno) +
                                       "; check the path and its permissions");
  }
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw DataError(path.string(), reason(errno));
  if (!S_ISREG(status.st_mode)) {
    throw DataError(path.string(), std::string("expected a regular file, got a ") +
                                       (S_ISDIR(status.st_mode) ? "folder" : "special file"));
  }
  size = static_cast<std::size_t>(status.st_size);
  return file;
}

[[noreturn]] void fail_write(const fs::path& path, int error) {
  std::string text = "could not be written, the system says: " + reason(error);
  text += "; what was there before is unchanged";
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    text += ": make room (or raise the file size limit) and try again";
  throw RuntimeFailure(path.string(), text);
}

// Where one write asks for more, Linux looks for large pages to cache it in: ten times as slow
// where memory is in pieces.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 18;

void write_all(int file, Bytes content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), std::min(content.size(), kMostAtOnce));
    if (written < 0 && errno != EINTR) fail_write(path, errno);
    if (written > 0) content = content.subspan(static_cast<std::size_t>(written));
  }
}

void sync(int file, const fs::path& path) {
  // File systems that cannot sync say EINVAL.
  if (::fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP) fail_write(path, errno);
}

// Beside the target, so that a rename suffices. A thread's id (the process id in the main thread):
// two threads never share a temporary file.
fs::path temporary_beside(const fs::path& target, const std::string& suffix) {
  return target.parent_path() /
         ("." + target.filename().string() + ".tmp-" + std::to_string(::gettid()) + suffix);
}

// Removes a file that never got its final name.
class Temporary {
 public:
  explicit Temporary(const fs::path& target) : path_(temporary_beside(target, "")) {}
  ~Temporary() {
    if (!kept_) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

// The folder that `path` is in, opened before the rename: behind it nothing may run out of memory.
Descriptor open_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return open_file(folder, O_RDONLY | O_DIRECTORY);
}

// Makes the rename last through a power cut. File systems that cannot sync a folder say EINVAL.
void sync_folder(const Descriptor& file, const fs::path& path) {
  if (!file.valid() || ::fsync(file.number()) == 0 || errno == EINVAL || errno == ENOTSUP) return;
  throw RuntimeFailure(
      path.string(),
      "was written, but may not survive a power cut: syncing its folder failed: " + reason(errno));
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, std::size_t limit) {
  std::size_t size = 0;
  const Descriptor file = open_regular(path, size);
  if (size > limit) {
    throw DataError(path.string(), "expected at most " + std::to_string(limit) +
                                       " bytes, the file has " + std::to_string(size));
  }
  std::vector<std::byte> content(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(file.number(), content.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw DataError(path.string(), "reading failed: " + reason(errno));
    if (count == 0) break;  // cut short while we read: what is left is checked like any file
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

std::string read_text(const fs::path& path, std::size_t limit) {
  const std::vector<std::byte> bytes = read_file(path, limit);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write_file_atomically(const fs::path& path, std::span<const Bytes> chunks, Durable durable) {
  Temporary temporary(path);
  Descriptor file = open_file(temporary.path(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0666);
  if (!file.valid()) {
    const int error = errno;
    temporary.keep();  // it is not ours
    fail_write(path, error);
  }
  for (const Bytes chunk : chunks) write_all(file.number(), chunk, path);
  if (durable == Durable::yes) sync(file.number(), path);
  if (const int error = file.close(); error != 0) fail_write(path, error);
  const Descriptor folder = open_folder_of(path);
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) fail_write(path, errno);
  temporary.keep();
  if (durable == Durable::yes) sync_folder(folder, path);
}

void write_file_atomically(const fs::path& path, Bytes content) {
  write_file_atomically(path, std::span<const Bytes>(&content, 1));
}

void write_text_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

StagedFile::StagedFile(fs::path target) : target_(std::move(target)) {
  // A name that is taken belongs to another object of this thread, or was left by a killed process.
  for (int n = 1; file_ < 0; ++n) {
    fs::path name = temporary_beside(target_, "-" + std::to_string(n));
    Descriptor file = open_file(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
    if (!file.valid() && errno != EEXIST) fail_write(target_, errno);
    if (file.valid()) temporary_ = std::move(name);
    file_ = file.release();
  }
}

StagedFile::~StagedFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, fs::path())),
      file_(std::exchange(other.file_, -1)) {}

void StagedFile::append(Bytes content) { write_all(file_, content, target_); }

void StagedFile::write_at(std::uint64_t offset, Bytes content) {
  while (!content.empty()) {
    const ssize_t count =
        ::pwrite(file_, content.data(), content.size(), static_cast<off_t>(offset));
    if (count < 0 && errno != EINTR) fail_write(target_, errno);
    if (count <= 0) continue;
    content = content.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void StagedFile::read_at(std::uint64_t offset, std::span<std::byte> content) const {
  while (!content.empty()) {
    const ssize_t count =
        ::pread(file_, content.data(), content.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail_write(target_, count < 0 ? errno : EIO);
    content = content.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void StagedFile::commit() {
  sync(file_, target_);
  if (const int error = Descriptor(std::exchange(file_, -1)).close(); error != 0)
    fail_write(target_, error);
  const Descriptor folder = open_folder_of(target_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_write(target_, errno);
  temporary_.clear();
  sync_folder(folder, target_);
}

void make_directories(const fs::path& path) {
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path at = path; !at.empty() && !fs::exists(at, error); at = at.parent_path())
    missing.push_back(at);
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error)) {
    throw RuntimeFailure(path.string(), "the folder could not be made: " +
                                            (error ? error.message() : "a file is in its place"));
  }
  for (const fs::path& made : missing) sync_folder(open_folder_of(made), made);
}

bool make_directory(const fs::path& path) {
  std::error_code error;
  const bool made = fs::create_directory(path, error);
  if (error) throw RuntimeFailure(path.string(), "could not be made: " + error.message());
  if (made) sync_folder(open_folder_of(path), path);
  return made;
}

std::optional<FileIdentity> file_identity(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw DataError(path.string(), "cannot be looked at: " + reason(errno));
  }
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return FileIdentity{static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
                      nanoseconds(status.st_ctim)};
}

MappedFile::MappedFile(const fs::path& path) {
  std::size_t size = 0;
  const Descriptor file = open_regular(path, size);
  if (size == 0) return;  // mmap refuses an empty range
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) throw DataError(path.string(), "mapping failed: " + reason(errno));
  bytes_ = Bytes(static_cast<const std::byte*>(start), size);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace evenkeel::os
