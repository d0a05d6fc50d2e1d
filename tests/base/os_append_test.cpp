// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_append.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/support/full_disk.h"
#include "tests/support/idx_files.h"

namespace evenkeel::os {
namespace {

using ::testing::HasSubstr;

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
    const test::FullBehind full(6);
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
