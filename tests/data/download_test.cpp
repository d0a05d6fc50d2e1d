// SPDX-License-Identifier: Apache-2.0
// Downloads, from mirrors on disk: the network is never touched.
#include "evenkeel/data/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/formats/sha256.h"
#include "tests/support/idx_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::bytes_of;
using test::ByteVector;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Download : public ::testing::Test {
 protected:
  static std::string url(const fs::path& folder) { return "file://" + folder.string() + "/"; }
  void store() { download_file(set(), file_, target_, {url(bad_), url(good_)}); }
  static const KnownSet& set() { return known_set("mnist"); }

  test::TemporaryFolder folder_;
  fs::path bad_ = folder_ / "bad";
  fs::path good_ = folder_ / "good";
  fs::path target_ = folder_ / "cache/mnist";
  ByteVector content_ = bytes_of("the content that is expected");
  std::string hash_ = sha256(content_);
  KnownFile file_{"images", hash_};
};

TEST_F(Download, stores_the_file_of_the_first_mirror_that_has_the_right_content) {
  test::write_bytes(bad_ / "images.gz", test::gzip(bytes_of("something else")));
  test::write_bytes(good_ / "images.gz", test::gzip(content_));
  store();
  EXPECT_EQ(test::read_bytes(target_ / "images.gz"), test::gzip(content_));
}

TEST_F(Download, takes_the_same_content_compressed_anew) {
  ByteVector packed = test::gzip(content_);
  packed[9] = std::byte{0xff};  // the operating system it says it was made on
  test::write_bytes(good_ / "images.gz", packed);
  store();
  EXPECT_EQ(test::read_bytes(target_ / "images.gz"), packed);
}

TEST_F(Download, says_what_each_mirror_had_and_stores_nothing_when_none_is_right) {
  test::write_bytes(bad_ / "images.gz", test::gzip(bytes_of("something else")));
  test::write_bytes(good_ / "images.gz", bytes_of("<html>a login page</html>"));
  try {
    store();
    FAIL();
  } catch (const RuntimeFailure& failure) {
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("[mnist/images.gz]"), HasSubstr(url(bad_)),
                                      HasSubstr("expected SHA-256 " + hash_), HasSubstr(url(good_)),
                                      HasSubstr("gzip"), HasSubstr(target_.string())));
  }
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(Download, names_the_address_that_could_not_be_read) {
  try {
    download(url(folder_.path()) + "missing", 1000);
    FAIL();
  } catch (const RuntimeFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("[file://" + (folder_ / "missing").string()));
  }
}

TEST_F(Download, stops_at_the_limit) {
  test::write_bytes(folder_ / "large", ByteVector(100'000));
  EXPECT_EQ(download("file://" + (folder_ / "large").string(), 100'000).size(), 100'000U);
  EXPECT_THROW(download("file://" + (folder_ / "large").string(), 99'999), RuntimeFailure);
}

TEST_F(Download, speaks_neither_http_nor_ftp) {
  for (const std::string address : {"http://127.0.0.1:9/file", "ftp://127.0.0.1:9/file"}) {
    try {
      download(address, 1000);
      FAIL();
    } catch (const RuntimeFailure& failure) {
      EXPECT_THAT(failure.what(), HasSubstr("rotocol")) << address;
    }
  }
}

// `fetch` end to end: the real hashes need the real files, which are here only sometimes.
TEST_F(Download, fetch_fails_with_the_mirrors_named_and_leaves_no_files) {
  ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  ::unsetenv("EVENKEEL_DATA");
  const DatasetOptions options{.download = true, .mirrors = {url(bad_)}};
  for (int through_load = 0; through_load < 2; ++through_load) {
    try {
      through_load == 0 ? void(fetch("mnist", options)) : void(mnist(options));
      FAIL();
    } catch (const RuntimeFailure& failure) {
      EXPECT_THAT(failure.what(), AllOf(HasSubstr(url(bad_)), HasSubstr("check the network")));
    }
  }
  EXPECT_FALSE(fs::exists(folder_ / "cache/evenkeel/mnist"));
  ::unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace evenkeel::datasets
