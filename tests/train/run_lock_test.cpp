// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(RunLock, AFolderHasOneHolder) {
  const test::TemporaryFolder folder;
  RunLock lock;
  lock.take(folder.path());
  lock.take(folder.path() / ".");  // its own
  EXPECT_TRUE(os::is_locked(folder / "lock"));
  RunLock other;
  try {
    other.take(folder.path());
    FAIL() << "both hold it";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr(folder.path().string()));
    EXPECT_THAT(error.what(), HasSubstr("another process"));
  }
}

TEST(RunLock, GoesWithTheObjectOrToAnotherFolder) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "a");
  fs::create_directory(folder / "b");
  {
    RunLock lock;
    lock.take(folder / "a");
    lock.take(folder / "b");
    EXPECT_FALSE(os::is_locked(folder / "a/lock"));
    EXPECT_TRUE(os::is_locked(folder / "b/lock"));
  }
  EXPECT_FALSE(os::is_locked(folder / "b/lock"));
  RunLock().take(folder / "a");
}

TEST(RunLock, WithoutAFolderItFails) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(RunLock().take(folder / "nowhere"), RuntimeFailure);
}

}  // namespace
}  // namespace evenkeel
