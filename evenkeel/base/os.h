// SPDX-License-Identifier: Apache-2.0
// The operating system, in one place: every POSIX call of the project is in base/os_*.cpp, and only
// here are the environment and the home folder read. A file given to us that is missing or
// unreadable is a DataError; a write that fails is a RuntimeFailure with the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel::os {

using Bytes = std::span<const std::byte>;

// The whole of a regular file of at most `limit` bytes.
EVENKEEL_API std::vector<std::byte> read_file(
    const std::filesystem::path& path, std::size_t limit = std::numeric_limits<std::size_t>::max());

// The same as text.
EVENKEEL_API std::string read_text(const std::filesystem::path& path,
                                   std::size_t limit = std::numeric_limits<std::size_t>::max());

// `no` leaves out the fsyncs, for files that are checked when read and easily made again.
enum class Durable { yes, no };

// Replaces `path` by the chunks one after the other, or leaves it as it was: `.<name>.tmp-<thread>`
// in the same folder (the process's id in its main thread), fsync, rename, fsync of the folder. The
// folder must exist.
EVENKEEL_API void write_file_atomically(const std::filesystem::path& path,
                                        std::span<const Bytes> chunks,
                                        Durable durable = Durable::yes);
EVENKEEL_API void write_file_atomically(const std::filesystem::path& path, Bytes content);
EVENKEEL_API void write_text_atomically(const std::filesystem::path& path, std::string_view text);

// The same in two parts, for content that goes on changing: what is appended is in the system's
// cache at once; commit() may come later and from another thread. Until then the file is
// `.<name>.tmp-<thread>-<n>` in the same folder, another for every object, and it goes with the
// object. Every fault is a RuntimeFailure that names `target`, which is then as it was.
class EVENKEEL_API StagedFile {
 public:
  explicit StagedFile(std::filesystem::path target);
  ~StagedFile();
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  StagedFile(const StagedFile&) = delete;

  void append(Bytes content);
  void write_at(std::uint64_t offset, Bytes content);
  void read_at(std::uint64_t offset, std::span<std::byte> content) const;
  // fsync, rename, fsync of the folder; once.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int file_ = -1;
};

// Makes the folder and its parents; one that is there already is fine. What is made is there after
// a power cut too: each folder that has a new one in it is synced.
EVENKEEL_API void make_directories(const std::filesystem::path& path);
// The last alone: false where it is there already.
EVENKEEL_API bool make_directory(const std::filesystem::path& path);

// What changes when a file is written anew. `changed_ns` is the inode's own time, which no program
// can set back; times are nanoseconds since 1970.
struct FileIdentity {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
// Empty when there is no such file; DataError when it is there but cannot be looked at.
EVENKEEL_API std::optional<FileIdentity> file_identity(const std::filesystem::path& path);

// A file mapped read-only for as long as the object lives. For files that are only ever replaced by
// rename: one truncated under a mapping ends the process.
class EVENKEEL_API MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  Bytes bytes() const noexcept { return bytes_; }

 private:
  Bytes bytes_;
};

// An environment variable; empty when unset or set to nothing.
EVENKEEL_API std::optional<std::string> environment(const std::string& name);

// $XDG_CACHE_HOME/evenkeel or ~/.cache/evenkeel, whether it exists or not; empty without a home.
EVENKEEL_API std::filesystem::path user_cache_directory();

EVENKEEL_API bool is_terminal(int file_descriptor);
// Columns of the terminal, or `otherwise` where there is none.
EVENKEEL_API int terminal_width(int file_descriptor, int otherwise = 80);

// How many processors this process may run on, at least 1.
EVENKEEL_API int usable_processors();

// The largest resident set of this process so far.
EVENKEEL_API std::size_t peak_resident_bytes();

// Gives the calling thread about a tenth of a core's time where others want it; best effort.
EVENKEEL_API void lower_thread_priority();

// Seconds since the system started this process (before main and dynamic linking), to 10 ms.
EVENKEEL_API double seconds_since_process_start();

}  // namespace evenkeel::os
