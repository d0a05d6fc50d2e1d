// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <string>
#include <thread>

#include "evenkeel/base/crc32.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "tests/support/idx_files.h"

namespace evenkeel::os {
namespace {

namespace fs = std::filesystem;
using test::bytes_of;
using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Runs `action` in a child that may write files of at most `limit` bytes, and gives the text of the
// RuntimeFailure it threw. A full disk differs in errno only.
std::string failure_with_file_limit(rlim_t limit, const std::function<void()>& action) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limits{limit, limit};
    ::setrlimit(RLIMIT_FSIZE, &limits);
    std::string text = "nothing was thrown";
    try {
      action();
    } catch (const RuntimeFailure& failure) {
      text = failure.what();
    } catch (...) {
      text = "something else was thrown";
    }
    const bool sent = ::write(ends[1], text.data(), text.size()) > 0;
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

template <typename E>
std::string thrown(const std::function<void()>& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(AtomicWrite, makes_and_replaces_a_file_of_all_chunks) {
  const TemporaryFolder folder;
  const auto a = bytes_of("one ");
  const auto b = bytes_of("two");
  const std::vector<Bytes> chunks = {a, {}, b};
  write_file_atomically(folder / "file", chunks);
  EXPECT_EQ(read_bytes(folder / "file"), bytes_of("one two"));
  write_file_atomically(folder / "file", b);
  EXPECT_EQ(read_bytes(folder / "file"), b);
  EXPECT_EQ(read_file(folder / "file"), b);
  EXPECT_EQ(entries(folder.path()), 1U) << "a temporary file was left";
}

TEST(AtomicWrite, leaves_the_old_file_and_no_other_when_the_disk_is_full) {
  const TemporaryFolder folder;
  const auto old = bytes_of("the old content");
  write_file_atomically(folder / "file", old);
  const std::vector<std::byte> large(100'000);
  const std::string text =
      failure_with_file_limit(40'000, [&] { write_file_atomically(folder / "file", large); });
  EXPECT_THAT(text, AllOf(HasSubstr((folder / "file").string()), HasSubstr("File too large"),
                          HasSubstr("unchanged"), HasSubstr("make room")));
  EXPECT_EQ(read_bytes(folder / "file"), old);
  EXPECT_EQ(entries(folder.path()), 1U) << "a temporary file was left";
}

TEST(AtomicWrite, never_follows_a_link_in_the_temporary_files_place) {
  const TemporaryFolder folder;
  write_bytes(folder / "victim", bytes_of("untouched"));
  fs::create_symlink(folder / "victim", folder / (".file.tmp-" + std::to_string(::gettid())));
  const auto content = bytes_of("x");
  EXPECT_THROW(write_file_atomically(folder / "file", content), RuntimeFailure);
  EXPECT_EQ(read_bytes(folder / "victim"), bytes_of("untouched"));
  EXPECT_FALSE(fs::exists(folder / "file"));
}

TEST(AtomicWrite, names_the_file_when_the_folder_is_missing_or_no_folder) {
  const TemporaryFolder folder;
  const auto content = bytes_of("x");
  write_file_atomically(folder / "file", content);
  for (const fs::path& path : {folder / "missing/file", folder / "file/below"}) {
    EXPECT_THAT(thrown<RuntimeFailure>([&] { write_file_atomically(path, content); }),
                HasSubstr(path.string()));
  }
}

TEST(AtomicWrite, does_not_replace_a_folder) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "taken");
  const auto content = bytes_of("x");
  EXPECT_THROW(write_file_atomically(folder / "taken", content), RuntimeFailure);
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicWrite, takes_a_name_without_a_folder) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const auto content = bytes_of("x");
  write_file_atomically("file", content);
  fs::current_path(before);
  EXPECT_EQ(read_bytes(folder / "file"), content);
}

TEST(StagedFile, has_its_name_only_once_committed) {
  const TemporaryFolder folder;
  const auto old = bytes_of("old");
  write_file_atomically(folder / "file", old);
  StagedFile staged(folder / "file");
  staged.append(bytes_of("....5678"));
  staged.write_at(0, bytes_of("1234"));
  std::array<std::byte, 3> read{};
  staged.read_at(3, read);
  EXPECT_EQ(std::vector(read.begin(), read.end()), bytes_of("456"));
  EXPECT_EQ(read_bytes(folder / "file"), old);
  StagedFile moved = std::move(staged);
  std::thread([&] { moved.commit(); }).join();
  EXPECT_EQ(read_bytes(folder / "file"), bytes_of("12345678"));
  EXPECT_EQ(entries(folder.path()), 1U) << "a temporary file was left";
}

TEST(StagedFile, two_of_one_name_do_not_meet) {
  const TemporaryFolder folder;
  StagedFile first(folder / "file");
  StagedFile second(folder / "file");
  first.append(bytes_of("first"));
  second.append(bytes_of("the second"));
  first.commit();
  EXPECT_EQ(read_bytes(folder / "file"), bytes_of("first"));
  second.commit();
  EXPECT_EQ(read_bytes(folder / "file"), bytes_of("the second"));
}

TEST(StagedFile, leaves_nothing_when_it_is_dropped_or_fails) {
  const TemporaryFolder folder;
  { StagedFile(folder / "file").append(bytes_of("x")); }
  EXPECT_EQ(entries(folder.path()), 0U);
  const std::vector<std::byte> large(100'000);
  EXPECT_THAT(failure_with_file_limit(40'000, [&] { StagedFile(folder / "file").append(large); }),
              AllOf(HasSubstr((folder / "file").string()), HasSubstr("File too large")));
  fs::create_directory(folder / "taken");
  EXPECT_THROW(StagedFile(folder / "taken").commit(), RuntimeFailure);
  EXPECT_EQ(entries(folder.path()), 1U);
  StagedFile cut_short(folder / "file");
  std::array<std::byte, 3> read{};
  EXPECT_THROW(cut_short.read_at(0, read), RuntimeFailure);
  EXPECT_THAT(thrown<RuntimeFailure>([&] { StagedFile(folder / "missing/file"); }),
              HasSubstr((folder / "missing/file").string()));
}

TEST(ReadFile, refuses_what_is_missing_a_folder_a_pipe_or_too_large) {
  const TemporaryFolder folder;
  write_bytes(folder / "file", bytes_of("12345"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto text = [](const fs::path& path, std::size_t limit) {
    return thrown<DataError>([&] { read_file(path, limit); });
  };
  const fs::path missing = folder / "missing";
  EXPECT_THAT(text(missing, 9), AllOf(HasSubstr(missing.string()), HasSubstr("No such file")));
  EXPECT_THAT(text(folder.path(), 9), HasSubstr("folder"));
  EXPECT_THAT(text(folder / "pipe", 9), HasSubstr("special file"));
  EXPECT_THAT(text(folder / "file", 4), HasSubstr("at most 4 bytes"));
  EXPECT_EQ(read_file(folder / "file", 5).size(), 5U);
}

TEST(FileIdentity, changes_with_every_write_and_is_empty_without_a_file) {
  const TemporaryFolder folder;
  EXPECT_FALSE(file_identity(folder / "file"));
  EXPECT_FALSE(file_identity(folder / "file/below"));
  write_bytes(folder / "file", bytes_of("12345"));
  const auto before = file_identity(folder / "file");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->size, 5U);
  EXPECT_EQ(file_identity(folder / "file"), before);

  ::usleep(20'000);  // the clock of a file system ticks in milliseconds
  const auto time = fs::last_write_time(folder / "file");
  write_bytes(folder / "file", bytes_of("54321"));
  fs::last_write_time(folder / "file", time);  // even a time that was set back
  EXPECT_NE(file_identity(folder / "file"), before);
}

TEST(MappedFile, shows_the_bytes_and_can_be_moved) {
  const TemporaryFolder folder;
  write_bytes(folder / "file", bytes_of("mapped"));
  write_bytes(folder / "empty", {});
  MappedFile first(folder / "file");
  const MappedFile second = std::move(first);
  EXPECT_EQ(std::vector<std::byte>(second.bytes().begin(), second.bytes().end()),
            bytes_of("mapped"));
  EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
  EXPECT_THROW(MappedFile(folder / "missing"), DataError);
}

TEST(MappedFile, keeps_the_old_bytes_when_the_file_is_replaced) {
  const TemporaryFolder folder;
  const auto old = bytes_of("old");
  const auto fresh = bytes_of("new and longer");
  write_file_atomically(folder / "file", old);
  const MappedFile mapped(folder / "file");
  write_file_atomically(folder / "file", fresh);
  EXPECT_EQ(std::vector<std::byte>(mapped.bytes().begin(), mapped.bytes().end()), old);
}

TEST(MakeDirectories, makes_parents_and_refuses_a_file_in_the_way) {
  const TemporaryFolder folder;
  make_directories(folder / "a/b/c");
  make_directories(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  write_bytes(folder / "file", {});
  EXPECT_THROW(make_directories(folder / "file"), RuntimeFailure);
  EXPECT_THROW(make_directories(folder / "file/below"), RuntimeFailure);
}

TEST(Crc32, gives_the_check_value_and_goes_on_from_before) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32(bytes_of("6789"), crc32(bytes_of("12345"))), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

}  // namespace
}  // namespace evenkeel::os
