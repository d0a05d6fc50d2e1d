// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "evenkeel/base/error.h"
#include "tests/support/npz_files.h"

namespace evenkeel {
namespace {

using test::bytes_of;
using test::ByteVector;
using ::testing::HasSubstr;

// Too long for one piece, in part incompressible.
ByteVector long_content() {
  ByteVector content(200'000);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < content.size() / 2; ++i) {
    state = state * 1664525 + 1013904223;
    content[i] = static_cast<std::byte>(state >> 24);
  }
  return content;
}

ByteVector content_of(const ByteVector& file, std::size_t entry, std::size_t piece = 1 << 30) {
  const ByteSource source = memory_source(file);
  const auto entries = zip_entries(source, "test.npz");
  ZipStream stream(source, entries.at(entry), "test.npz");
  ByteVector content;
  while (stream.left() > 0) {
    ByteVector part(std::min<std::uint64_t>(piece, stream.left()));
    stream.read(part);
    content.insert(content.end(), part.begin(), part.end());
  }
  return content;
}

std::string zip_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::string zip_failure(const ByteVector& file) {
  return zip_failure([&] { content_of(file, 0); });
}

TEST(Zip, GivesStoredAndDeflatedContentInPiecesOfAnySize) {
  const ByteVector content = long_content();
  for (const bool deflated : {false, true}) {
    for (const bool zip64 : {false, true}) {
      const ByteVector file =
          test::zip_file({{"a", bytes_of("first")}, {"b", content}, {"c", {}}}, {deflated, zip64});
      EXPECT_EQ(content_of(file, 0, 2), bytes_of("first"));
      for (const std::size_t piece : {1000, 65536, 1 << 20})
        EXPECT_EQ(content_of(file, 1, piece), content);
      EXPECT_EQ(content_of(file, 2), ByteVector{});
    }
  }
}

TEST(Zip, ListsEntriesInOrderWithTheirSizes) {
  const ByteVector file = test::zip_file({{"a.npy", bytes_of("abc")}, {"b/c", bytes_of("")}});
  const auto entries = zip_entries(memory_source(file), "test.npz");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "a.npy");
  EXPECT_EQ(entries[0].size, 3U);
  EXPECT_EQ(entries[1].name, "b/c");
  EXPECT_TRUE(zip_entries(memory_source(test::zip_file({})), "test.npz").empty());
}

TEST(Zip, FindsTheDirectoryBeforeAComment) {
  ByteVector file = test::zip_file({{"a", bytes_of("abc")}});
  file[file.size() - 2] = std::byte{5};
  const ByteVector comment = bytes_of("hello");
  file.insert(file.end(), comment.begin(), comment.end());
  EXPECT_EQ(content_of(file, 0), bytes_of("abc"));
}

TEST(Zip, RefusesWhatIsNoZipFileOrCutShort) {
  EXPECT_THAT(zip_failure(ByteVector{}), HasSubstr("only 0 bytes"));
  EXPECT_THAT(zip_failure(bytes_of("some text that is longer than 22 bytes")),
              HasSubstr("does not end like one"));
  for (const bool deflated : {false, true}) {
    const ByteVector file = test::zip_file({{"a", long_content()}}, {.deflated = deflated});
    for (std::size_t size = 0; size < file.size(); size += 997)
      EXPECT_NE(
          zip_failure(ByteVector(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size))),
          "nothing was thrown")
          << size;
  }
}

TEST(Zip, NoticesAChangedByteOfTheContent) {
  for (const bool deflated : {false, true}) {
    const ByteVector good = test::zip_file({{"a", long_content()}}, {.deflated = deflated});
    for (std::size_t at = 100; at < 90'000; at += 7919) {
      ByteVector file = good;
      file[at] ^= std::byte{0x10};
      EXPECT_THAT(zip_failure(file), HasSubstr("'a' is damaged")) << at;
    }
  }
}

// No change of a byte of the headers may lead past the file or to a size that it cannot hold.
TEST(Zip, SurvivesAnyChangedByteOfItsHeaders) {
  for (const test::ZipKind kind : {test::ZipKind{false, false}, {true, false}, {true, true}}) {
    const ByteVector good = test::zip_file({{"a", bytes_of("some content")}}, kind);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const int value : {0, 1, 0x7f, 0xff}) {
        ByteVector file = good;
        file[at] = static_cast<std::byte>(value);
        zip_failure([&] {
          const ByteSource source = memory_source(file);
          for (const ZipEntry& entry : zip_entries(source, "test.npz")) {
            ASSERT_LE(entry.data + entry.packed_size, file.size());
            ASSERT_LE(entry.size, 1032 * (file.size() + 1));
            ZipStream stream(source, entry, "test.npz");
            ByteVector content(stream.left());
            stream.read(content);
          }
        });
      }
    }
  }
}

TEST(Zip, RefusesEncryptedEntriesAndOtherMethods) {
  const ByteVector good = test::zip_file({{"a", bytes_of("abc")}});
  const std::size_t directory = good.size() - 22 - 46 - 1;
  ByteVector encrypted = good;
  encrypted[directory + 8] = std::byte{1};
  EXPECT_THAT(zip_failure(encrypted), HasSubstr("is encrypted"));
  ByteVector bzip2 = good;
  bzip2[directory + 10] = std::byte{12};
  EXPECT_THAT(zip_failure(bzip2), HasSubstr("method 12"));
}

TEST(Zip, RefusesSizesThatTheFileCannotHold) {
  ByteVector file = test::zip_file({{"a", bytes_of("abc")}}, {.deflated = true});
  const std::size_t directory = file.size() - 22 - 46 - 1;
  file[directory + 27] = std::byte{0x40};  // 1 GiB
  EXPECT_THAT(zip_failure(file), HasSubstr("can hold"));
}

TEST(Zip, ReadsFromAFile) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "a.zip", test::zip_file({{"a", long_content()}}, {.deflated = true}));
  const ByteSource source = file_source(folder / "a.zip");
  ZipStream stream(source, zip_entries(source, "a.zip").at(0), "a.zip");
  ByteVector content(stream.left());
  stream.read(content);
  EXPECT_EQ(content, long_content());
  EXPECT_THROW(file_source(folder / "none"), DataError);
  EXPECT_THROW(file_source(folder.path()), DataError);
}

}  // namespace
}  // namespace evenkeel
