// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel::os {
namespace {

using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(FileLock, IsHeldByOneUntilItGoes) {
  const TemporaryFolder folder;
  const auto path = folder.path() / ".lock";
  {
    FileLock first(path);
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(FileLock(path).held());
    const FileLock moved = std::move(first);
    EXPECT_TRUE(moved.held());
    EXPECT_FALSE(FileLock(path).held());
  }
  EXPECT_TRUE(FileLock(path).held());
}

TEST(FileLock, GoesWithAProcessThatIsKilled) {
  const TemporaryFolder folder;
  const auto path = folder.path() / ".lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(path);
    const char held = lock.held() ? 1 : 0;
    if (::write(ready[1], &held, 1) == 1) ::pause();
    ::_exit(1);
  }
  char held = 0;
  ASSERT_EQ(::read(ready[0], &held, 1), 1);
  EXPECT_EQ(held, 1);
  EXPECT_FALSE(FileLock(path).held());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(FileLock(path).held());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, IsSeenWithoutBeingTaken) {
  const TemporaryFolder folder;
  const auto path = folder.path() / ".lock";
  EXPECT_FALSE(is_locked(path));
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    const FileLock lock(path);
    EXPECT_TRUE(is_locked(path));
  }
  EXPECT_FALSE(is_locked(path));
  EXPECT_TRUE(FileLock(path).held());
  EXPECT_FALSE(is_locked(folder.path()));  // a folder
}

TEST(FileLock, ThatCannotBeMadeNamesItsPath) {
  try {
    const FileLock lock("/proc/no-such-folder/.lock");
    FAIL() << "expected a RuntimeFailure";
  } catch (const RuntimeFailure& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("/proc/no-such-folder/.lock"), HasSubstr("could not be locked")));
  }
}

}  // namespace
}  // namespace evenkeel::os
