// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/npz_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include "evenkeel/base/error.h"
#include "evenkeel/data/registry.h"
#include "tests/support/npz_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::ByteVector;
using test::npy_bytes;
using test::npy_labels;
using test::ZipPart;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpzSet : public ::testing::Test {
 protected:
  NpzSet() { ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1); }
  ~NpzSet() override { ::unsetenv("XDG_CACHE_HOME"); }

  Splits load(const DatasetOptions& options = {.decoded_cache = false}) const {
    return datasets::load(path_.string(), options);
  }
  void write(const std::vector<ZipPart>& parts) const {
    test::write_bytes(path_, test::zip_file(parts, {.deflated = true}));
  }
  std::string failure() const {
    try {
      load();
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  std::string failure(const std::vector<ZipPart>& parts) const {
    write(parts);
    return failure();
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "set.npz";
};

// `count` images of 2x2, each of its own value.
ByteVector image_bytes(std::size_t count) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < count; ++i) pixels.insert(pixels.end(), 4, std::uint8_t(i));
  return npy_bytes("(" + std::to_string(count) + ", 2, 2)", pixels);
}

TEST_F(NpzSet, TakesKerasNamesAndDividesWhatIsNotThere) {
  for (const bool deflated : {false, true}) {
    for (const bool cache : {false, true, true}) {
      test::write_npz(path_, 120, 20, deflated);
      const Splits splits = load({.decoded_cache = cache, .stratified = false});
      EXPECT_EQ(splits.train.size(), 108);
      EXPECT_EQ(splits.validation.size(), 12);
      EXPECT_EQ(splits.test.size(), 20);
      EXPECT_EQ(splits.train.image_shape(), Shape({28, 28, 1}));
      EXPECT_EQ(splits.train.classes(), 10);
      EXPECT_EQ(splits.train.name(), path_.string());
      EXPECT_EQ(splits.source, path_);
      const auto labels = test::small_labels(20, 3);
      const auto pixels = test::small_images(labels, 3);
      EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), splits.test.images().begin()));
      EXPECT_TRUE(std::equal(labels.begin(), labels.end(), splits.test.labels().begin()));
    }
  }
}

TEST_F(NpzSet, TakesOtherUsualNamesAndColumnsOfLabels) {
  write({{"train_images.npy", image_bytes(4)},
         {"train_labels.npy",
          test::npy_file("|u1", "(4, 1)", test::bytes_of(std::string("\0\1\2\1", 4)))},
         {"val_images.npy", image_bytes(2)},
         {"val_labels.npy", npy_labels({0, 1})},
         {"test_images.npy", image_bytes(1)},
         {"test_labels.npy", npy_labels({3})}});
  const Splits splits = load();
  EXPECT_THAT(splits.train.labels(), ElementsAre(0, 1, 2, 1));
  EXPECT_THAT(splits.validation.labels(), ElementsAre(0, 1));
  EXPECT_THAT(splits.test.labels(), ElementsAre(3));
  EXPECT_EQ(splits.test.classes(), 4);
  write({{"images.npy", image_bytes(20)},
         {"labels.npy", npy_labels({0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1})}});
  EXPECT_EQ(load().train.size(), 16);
}

TEST_F(NpzSet, ReadsColour) {
  write({{"images.npy", npy_bytes("(3, 1, 2, 3)",
                                  {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})},
         {"labels.npy", npy_labels({0, 1, 1})}});
  const Splits splits = load({.decoded_cache = false, .validation = 0, .test = 0});
  EXPECT_EQ(splits.train.image_shape(), Shape({1, 2, 3}));
  EXPECT_THAT(splits.train.image(1), ElementsAre(6, 7, 8, 9, 10, 11));
}

TEST_F(NpzSet, SaysWhatToDoAboutImagesThatItDoesNotRead) {
  const ByteVector labels = npy_labels({0, 1});
  const auto with = [&](const ByteVector& x) {
    return failure({{"x_train.npy", x}, {"y_train.npy", labels}});
  };
  const ByteVector eight(8 * 4);
  EXPECT_THAT(with(test::npy_file("<f4", "(2, 2, 2)", eight)),
              AllOf(HasSubstr("x_train]"), HasSubstr("float32 (2, 2, 2)"),
                    HasSubstr(".astype('uint8'), times 255")));
  EXPECT_THAT(with(test::npy_file("<i4", "(2, 2, 2)", eight)), HasSubstr(".astype('uint8')"));
  EXPECT_THAT(with(test::npy_file("|O", "(2,)", test::bytes_of("pickle"))), HasSubstr("object"));
  EXPECT_THAT(with(test::npy_file_of(
                  "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2), }", ByteVector(8))),
              HasSubstr("numpy.ascontiguousarray"));
  EXPECT_THAT(with(npy_bytes("(2, 4)", std::vector<std::uint8_t>(8))), HasSubstr("(N,H,W,C)"));
  EXPECT_THAT(with(npy_bytes("(0, 4, 4)", {})), HasSubstr("expected images, got uint8 (0, 4, 4)"));
  EXPECT_THAT(with(npy_bytes("(2, 3, 8, 8)", std::vector<std::uint8_t>(384))),
              HasSubstr("numpy.transpose(x, (0, 2, 3, 1))"));
}

TEST_F(NpzSet, SaysWhatToDoAboutLabelsThatItDoesNotRead) {
  const auto with = [&](const ByteVector& y) {
    return failure({{"x_train.npy", image_bytes(2)}, {"y_train.npy", y}});
  };
  EXPECT_THAT(with(npy_labels({0, 1, 0})), HasSubstr("3 labels for 2 images"));
  EXPECT_THAT(with(npy_labels({0, -1})), HasSubstr("image 1 has -1"));
  EXPECT_THAT(with(npy_labels({0, 65536})), HasSubstr("labels from 0 to 65535"));
  EXPECT_THAT(with(npy_labels({0, 0})), HasSubstr("at least two classes"));
  EXPECT_THAT(with(npy_bytes("(2, 2)", {1, 0, 0, 1})), HasSubstr("y.argmax(axis=1)"));
  EXPECT_THAT(with(test::npy_file("<f8", "(2,)", ByteVector(16))), HasSubstr("astype('int64')"));
}

TEST_F(NpzSet, NamesArraysThatAreMissingOrOfAnotherSize) {
  EXPECT_THAT(failure({{"a.npy", image_bytes(2)}, {"b.npy", image_bytes(2)}}),
              AllOf(HasSubstr("x_train and y_train"), HasSubstr("it has a, b")));
  EXPECT_THAT(failure({{"x_train.npy", image_bytes(2)}}),
              HasSubstr("one is missing; it has x_train"));
  EXPECT_THAT(failure({{"x_train.npy", image_bytes(2)},
                       {"y_train.npy", npy_labels({0, 1})},
                       {"x_test.npy", npy_bytes("(1, 2, 3)", {1, 2, 3, 4, 5, 6})},
                       {"y_test.npy", npy_labels({0})}}),
              HasSubstr("uint8 (2, 2, 2) in x_train and uint8 (1, 2, 3) in x_test"));
}

TEST_F(NpzSet, NoticesDamage) {
  test::write_npz(path_, 40, 5);
  ByteVector file = test::read_bytes(path_);
  file[file.size() / 2] ^= std::byte{1};
  test::write_bytes(path_, file);
  EXPECT_THAT(failure(), HasSubstr("is damaged"));
  test::write_bytes(path_, test::bytes_of("no ZIP file, though its name says so"));
  EXPECT_THAT(failure(), HasSubstr("whole ZIP file"));
  fs::remove(path_);
  EXPECT_THAT(failure(), HasSubstr("there is none"));
}

TEST_F(NpzSet, AChangedFileCountsWhateverIsInTheCache) {
  test::write_npz(path_, 120, 20);
  EXPECT_EQ(load({}).test.size(), 20);
  test::write_npz(path_, 120, 30);
  EXPECT_EQ(load({}).test.size(), 30);
}

}  // namespace
}  // namespace evenkeel::datasets
