// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_append.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel::os {
namespace {

using ::testing::HasSubstr;

// A disk that is full behind so many bytes, as far as this process goes.
class FullBehind {
 public:
  explicit FullBehind(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit limit { bytes, before_.rlim_max };
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullBehind() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullBehind(const FullBehind&) = delete;
  FullBehind& operator=(const FullBehind&) = delete;

 private:
  struct rlimit before_ {};
  void (*handler_)(int);
};

TEST(AppendFile, AddsBehindWhatIsThere) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "log", test::bytes_of("one\n"));
  AppendFile file(folder / "log");
  file.append(test::bytes_of("two\n"));
  file.append({});
  file.append(test::bytes_of("three\n"));
  file.sync();
  EXPECT_EQ(test::read_bytes(folder / "log"), test::bytes_of("one\ntwo\nthree\n"));
}

TEST(AppendFile, ARecordIsThereWholeOrNotAtAll) {
  const test::TemporaryFolder folder;
  AppendFile file(folder / "log");
  file.append(test::bytes_of("one\n"));
  {
    const FullBehind full(6);
    try {
      file.append(test::bytes_of("two\n"));
      FAIL() << "it fitted";
    } catch (const RuntimeFailure& error) {
      EXPECT_THAT(error.what(), HasSubstr((folder / "log").string()));
      EXPECT_THAT(error.what(), HasSubstr("make room"));
    }
    EXPECT_EQ(test::read_bytes(folder / "log"), test::bytes_of("one\n"));
  }
  file.append(test::bytes_of("three\n"));
  EXPECT_EQ(test::read_bytes(folder / "log"), test::bytes_of("one\nthree\n"));
}

TEST(AppendFile, RefusesWhatIsNoFile) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(AppendFile(folder.path()), RuntimeFailure);
  EXPECT_THROW(AppendFile(folder / "nowhere/log"), RuntimeFailure);
}

}  // namespace
}  // namespace evenkeel::os
