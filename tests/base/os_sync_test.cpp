// SPDX-License-Identifier: Apache-2.0
// What is synced, so that it is there after a power cut. This program's own fsync sees what the
// library asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "evenkeel/base/os.h"
#include "tests/support/idx_files.h"

namespace {

std::vector<std::string>* synced = nullptr;  // while a test looks

}  // namespace

extern "C" int fsync(int file) {
  if (synced != nullptr)
    synced->push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file)));
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace evenkeel::os {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

template <typename Action>
std::vector<std::string> synced_by(const Action& action) {
  std::vector<std::string> paths;
  synced = &paths;
  action();
  synced = nullptr;
  return paths;
}

TEST(Synced, TheFolderOfEveryFolderThatIsMade) {
  const TemporaryFolder folder;
  const std::filesystem::path root = std::filesystem::canonical(folder.path());
  EXPECT_THAT(synced_by([&] { make_directories(root / "a/b/c"); }),
              UnorderedElementsAre(root, root / "a", root / "a/b"));
  EXPECT_THAT(synced_by([&] { make_directories(root / "a/b/d"); }), ElementsAre(root / "a/b"));
  EXPECT_THAT(synced_by([&] { make_directories(root / "a/b/d"); }), IsEmpty());
}

TEST(Synced, TheFolderOfOneThatIsMadeAlone) {
  const TemporaryFolder folder;
  const std::filesystem::path root = std::filesystem::canonical(folder.path());
  EXPECT_THAT(synced_by([&] { EXPECT_TRUE(make_directory(root / "001-run")); }), ElementsAre(root));
  EXPECT_THAT(synced_by([&] { EXPECT_FALSE(make_directory(root / "001-run")); }), IsEmpty());
}

TEST(Synced, AFileAndItsFolder) {
  const TemporaryFolder folder;
  const std::filesystem::path root = std::filesystem::canonical(folder.path());
  const std::vector<std::string> paths =
      synced_by([&] { write_text_atomically(root / "file", "content"); });
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_THAT(paths[0], ::testing::StartsWith((root / ".file.tmp-").string()));
  EXPECT_EQ(paths[1], root);
}

}  // namespace
}  // namespace evenkeel::os
