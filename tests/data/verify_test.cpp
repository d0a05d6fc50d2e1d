// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include <algorithm>

#include "evenkeel/base/error.h"
#include "tests/support/cifar_files.h"
#include "tests/support/image_folders.h"
#include "tests/support/npz_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::class_image;
using test::write_png_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Verify : public ::testing::Test {
 protected:
  Verify() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    ::unsetenv("EVENKEEL_DATA");
    test::write_classes(root_ / "train", {"a", "b"}, 4, 0);
    test::write_classes(root_ / "validation", {"a", "b"}, 2, 10);
    test::write_classes(root_ / "test", {"a", "b"}, 2, 20);
  }
  ~Verify() override { ::unsetenv("XDG_CACHE_HOME"); }

  SetReport report(const DatasetOptions& options = {}) const {
    return verify(root_.string(), options);
  }
  // The one finding of a kind.
  static Finding only(const SetReport& report, const std::string& kind) {
    std::vector<Finding> found;
    for (const Finding& finding : report.findings)
      if (finding.kind == kind) found.push_back(finding);
    EXPECT_EQ(found.size(), 1U) << kind;
    return found.empty() ? Finding{} : found.front();
  }

  test::TemporaryFolder folder_;
  fs::path root_ = folder_ / "pets";
};

TEST_F(Verify, FindsNothingWrongWithAGoodFolder) {
  const SetReport good = report();
  EXPECT_THAT(good.findings, IsEmpty());
  EXPECT_EQ(good.wrong(), 0);
  ASSERT_EQ(good.parts.size(), 3U);
  EXPECT_EQ(good.parts[0].split, "train");
  EXPECT_EQ(good.parts[0].images, 8);
  EXPECT_THAT(good.parts[0].of_class, ElementsAre(4, 4));
  EXPECT_THAT(good.parts[2].of_class, ElementsAre(2, 2));
  EXPECT_THAT(good.class_names, ElementsAre("a", "b"));
  EXPECT_EQ(good.image_shape, Shape({12, 12, 1}));
}

TEST_F(Verify, FindsImagesOfOnePartInAnother) {
  write_png_file(root_ / "test/b/zz.png", class_image(1, 3));
  const Finding leak = only(report(), "leak");
  EXPECT_TRUE(leak.spoils);
  EXPECT_THAT(leak.text, HasSubstr("1 image of test is in train too"));
  ASSERT_EQ(leak.pairs.size(), 1U);
  EXPECT_EQ(leak.pairs[0].one.split, "test");
  EXPECT_EQ(leak.pairs[0].one.index, 4);
  EXPECT_EQ(leak.pairs[0].one.file, root_ / "test/b/zz.png");
  EXPECT_EQ(leak.pairs[0].other.split, "train");
  EXPECT_EQ(leak.pairs[0].other.index, 7);
  EXPECT_EQ(leak.pairs[0].other.file, root_ / "train/b/003.png");
}

TEST_F(Verify, NamesTheRightFilesWhereItDividesTheSetItself) {
  fs::remove_all(root_);
  test::write_classes(root_, {"a", "b"}, 20);
  for (const int i : {3, 7, 12})
    write_png_file(root_ / "a" / ("copy" + std::to_string(i) + ".png"),
                   class_image(0, static_cast<std::uint64_t>(i)));
  int pairs = 0;
  for (const Finding& finding : report().findings) {
    for (const Finding::Pair& pair : finding.pairs) {
      ++pairs;
      EXPECT_EQ(test::read_bytes(pair.one.file), test::read_bytes(pair.other.file));
      EXPECT_NE(pair.one.file, pair.other.file);
    }
  }
  EXPECT_EQ(pairs, 3);
}

TEST_F(Verify, FindsRepeatsAndContradictionsWithinAPart) {
  write_png_file(root_ / "train/a/copy.png", class_image(0, 1));
  SetReport found = report();
  EXPECT_FALSE(only(found, "duplicate").spoils);
  EXPECT_EQ(found.wrong(), 0);
  write_png_file(root_ / "train/b/copy.png", class_image(0, 2));
  found = report();
  EXPECT_TRUE(only(found, "labels").spoils);
  EXPECT_THAT(only(found, "labels").text, HasSubstr("another label"));
  EXPECT_EQ(found.findings.front().kind, "labels") << "what spoils comes first";
}

TEST_F(Verify, ListsEveryFileThatCannotBeUsed) {
  test::write_bytes(root_ / "train/a/bad.png", test::bytes_of("no image"));
  write_png_file(root_ / "test/b/odd.png", class_image(1, 1, 14));
  write_png_file(root_ / "stray.png", class_image(1, 1));
  const SetReport found = report();
  EXPECT_EQ(found.wrong(), 3);
  std::vector<fs::path> files;
  for (const Finding& finding : found.findings) files.push_back(finding.file);
  EXPECT_THAT(
      files, ElementsAre(root_ / "stray.png", root_ / "test/b/odd.png", root_ / "train/a/bad.png"));
  EXPECT_EQ(found.parts.at(0).images, 8) << "the others are looked at all the same";
  EXPECT_EQ(report({.skip_bad = true}).wrong(), 0);
}

TEST_F(Verify, FindsEmptyClassesAndMissingOnes) {
  fs::remove_all(root_ / "test/b");
  EXPECT_THAT(only(report(), "class").text, HasSubstr("test has no image of class b"));
  EXPECT_EQ(report().wrong(), 0);
  fs::create_directories(root_ / "train/c");
  EXPECT_THAT(only(report(), "folder").text, HasSubstr("train/c: expected images"));
  EXPECT_EQ(report().wrong(), 1);
}

TEST_F(Verify, ShowsImbalance) {
  test::write_classes(root_ / "train", {"a"}, 50, 100);
  const Finding imbalance = only(report(), "imbalance");
  EXPECT_FALSE(imbalance.spoils);
  EXPECT_THAT(imbalance.text, HasSubstr("class a has 50 images to train on, class b only 4"));
}

TEST_F(Verify, LooksIntoNpzFiles) {
  const fs::path file = test::write_npz(folder_ / "set.npz", 120, 20);
  EXPECT_EQ(verify(file.string()).wrong(), 0);
  EXPECT_EQ(verify(file.string()).parts.at(2).images, 20);
  const std::vector<std::uint8_t> same(8, 5);
  test::write_bytes(file,
                    test::zip_file({{"x_train.npy", test::npy_bytes("(2, 2, 2)", same)},
                                    {"y_train.npy", test::npy_labels({0, 2})},
                                    {"x_val.npy", test::npy_bytes("(1, 2, 2)", {1, 2, 3, 4})},
                                    {"y_val.npy", test::npy_labels({0})},
                                    {"x_test.npy", test::npy_bytes("(1, 2, 2)", {5, 5, 5, 5})},
                                    {"y_test.npy", test::npy_labels({0})}}));
  const SetReport found = verify(file.string());
  EXPECT_THAT(only(found, "labels").text, HasSubstr("1 image has another label"));
  EXPECT_TRUE(only(found, "leak").spoils);
  bool missing = false;
  for (const Finding& finding : found.findings)
    missing = missing || (finding.spoils && finding.text == "train has no image of class 1");
  EXPECT_TRUE(missing);
  test::write_bytes(file, test::bytes_of("no ZIP file at all, but long enough"));
  EXPECT_THAT(only(verify(file.string()), "data").text, HasSubstr("whole ZIP file"));
}

TEST_F(Verify, HoldsNoLeakAgainstASetThatWasPublishedSo) {
  test::write_cifar10(folder_.path(), 12, 0);
  std::uint8_t label = 0;
  test::write_bytes(folder_ / "cifar10/test_batch.bin", test::cifar_record({&label, 1}, 0));
  const SetReport found = verify("cifar10", {.directory = folder_.path()});
  EXPECT_EQ(found.files.size(), 6U);
  EXPECT_FALSE(only(found, "leak").spoils);
  EXPECT_EQ(found.wrong(), 0);
  test::write_bytes(folder_ / "cifar10/test_batch.bin", test::bytes_of("damaged"));
  EXPECT_EQ(verify("cifar10", {.directory = folder_.path()}).wrong(), 1);
}

TEST_F(Verify, RefusesWhatIsNotThere) {
  EXPECT_THROW(verify("mnsit"), InvalidArgument);
  EXPECT_THROW(verify((folder_ / "none").string()), DataError);
  EXPECT_THROW(verify("kmnist", {.directory = folder_ / "none"}), DataError);
}

}  // namespace
}  // namespace evenkeel::datasets
