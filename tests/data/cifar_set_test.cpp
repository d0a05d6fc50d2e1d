// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/cifar_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include "evenkeel/base/error.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/data/verify.h"
#include "tests/support/cifar_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::ByteVector;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CifarSet : public ::testing::Test {
 protected:
  CifarSet() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    ::unsetenv("EVENKEEL_DATA");
  }
  ~CifarSet() override { ::unsetenv("XDG_CACHE_HOME"); }

  DatasetOptions options(bool cache = false) const {
    return {.directory = data_, .decoded_cache = cache};
  }
  std::string failure(const std::string& name) const {
    try {
      load(name, options());
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  test::TemporaryFolder folder_;
  fs::path data_ = folder_ / "data";
};

// Interleaved, as cifar_record wrote image `number` of all.
void expect_image(std::span<const std::uint8_t> image, std::uint64_t number) {
  std::size_t at = 0;
  for (std::size_t row = 0; row < 32; ++row)
    for (std::size_t column = 0; column < 32; ++column)
      for (std::size_t channel = 0; channel < 3; ++channel)
        ASSERT_EQ(image[at++], test::cifar_value(number, row, column, channel))
            << "image " << number << ", row " << row << ", column " << column;
}

TEST_F(CifarSet, GivesInterleavedPixelsAndLabelsOfAllBatchesInOrder) {
  test::write_cifar10(data_, 12, 7);
  const Splits splits = load("cifar10", options());
  EXPECT_EQ(splits.train.size(), 55);
  EXPECT_EQ(splits.validation.size(), 5);  // the last twelfth
  EXPECT_EQ(splits.test.size(), 7);
  EXPECT_EQ(splits.train.image_shape(), Shape({32, 32, 3}));
  EXPECT_EQ(splits.train.classes(), 10);
  EXPECT_EQ(splits.train.name(), "cifar10");
  EXPECT_EQ(splits.source, data_ / "cifar10");
  EXPECT_EQ(splits.class_names.at(9), "truck");
  for (const std::int64_t i : {0, 13, 54}) {
    expect_image(splits.train.image(i), static_cast<std::uint64_t>(i));
    EXPECT_EQ(splits.train.labels()[static_cast<std::size_t>(i)], i % 10);
  }
  expect_image(splits.validation.image(0), 55);
  expect_image(splits.test.image(6), 66);
  EXPECT_EQ(splits.test.labels()[6], 6);
}

TEST_F(CifarSet, TakesTheFineLabelsOf100) {
  test::write_cifar100(data_, 240, 30);
  const Splits splits = load("cifar100", options());
  EXPECT_EQ(splits.train.size(), 220);
  EXPECT_EQ(splits.validation.size(), 20);
  EXPECT_EQ(splits.train.classes(), 100);
  EXPECT_EQ(splits.train.labels()[199], 99);
  EXPECT_EQ(splits.class_names.size(), 100U);
  EXPECT_EQ(splits.class_names.at(99), "worm");
  expect_image(splits.test.image(0), 240);
}

TEST_F(CifarSet, IsFoundInTheFolderThatItsArchiveMakes) {
  test::write_cifar10(data_, 3, 2, "cifar-10-batches-bin");
  EXPECT_EQ(load("cifar10", options()).test.size(), 2);
  test::write_cifar10(data_, 3, 1, "cifar10");
  EXPECT_EQ(load("cifar10", options()).test.size(), 1);
  test::write_cifar100(data_, 24, 4, "cifar-100-binary");
  EXPECT_EQ(load("cifar100", options()).test.size(), 4);
}

TEST_F(CifarSet, IsTheSameWithTheCacheColdWarmAndOff) {
  const fs::path path = test::write_cifar10(data_, 12, 7);
  for (const bool cache : {false, true, true}) {
    const Splits splits = load("cifar10", options(cache));
    EXPECT_EQ(splits.test.size(), 7);
    expect_image(splits.test.image(6), 66);
    EXPECT_EQ(splits.test.labels()[6], 6);
  }
  // A changed file counts, whatever is in the cache.
  const std::uint8_t label = 3;
  test::write_bytes(path / "test_batch.bin", test::cifar_record({&label, 1}, 200));
  const Splits splits = load("cifar10", options(true));
  EXPECT_EQ(splits.test.size(), 1);
  expect_image(splits.test.image(0), 200);
}

TEST_F(CifarSet, DividesBySeedWhereAsked) {
  test::write_cifar10(data_, 20, 7);
  DatasetOptions asked = options();
  asked.validation = 0.2;
  const Splits splits = load("cifar10", asked);
  EXPECT_EQ(splits.train.size(), 80);
  EXPECT_EQ(splits.validation.size(), 20);
  std::vector<int> of_class(10);
  for (const std::int32_t label : splits.validation.labels())
    ++of_class[static_cast<std::size_t>(label)];
  EXPECT_THAT(of_class, ::testing::Each(2));
  asked.test = 10;
  EXPECT_THROW(load("cifar10", asked), InvalidArgument);
}

TEST_F(CifarSet, NamesDamagedAndMissingFiles) {
  const fs::path path = test::write_cifar10(data_, 3, 2);
  const ByteVector good = test::read_bytes(path / "data_batch_3.bin");
  test::write_bytes(path / "data_batch_3.bin", std::span(good).first(good.size() - 1));
  EXPECT_THAT(failure("cifar10"),
              AllOf(HasSubstr("data_batch_3.bin"), HasSubstr("records of 3073 bytes")));
  ByteVector wrong = good;
  wrong[3073] = std::byte{10};
  test::write_bytes(path / "data_batch_3.bin", wrong);
  EXPECT_THAT(failure("cifar10"), AllOf(HasSubstr("data_batch_3.bin"),
                                        HasSubstr("labels from 0 to 9, image 1 has 10")));
  test::write_bytes(path / "data_batch_3.bin", {});
  EXPECT_THAT(failure("cifar10"), HasSubstr("got a file of 0"));
  fs::remove(path / "data_batch_3.bin");
  EXPECT_THAT(failure("cifar10"), HasSubstr("6 files of cifar10, missing: data_batch_3.bin"));

  const fs::path fine = test::write_cifar100(data_, 24, 4);
  ByteVector coarse = test::read_bytes(fine / "test.bin");
  coarse[0] = std::byte{20};
  test::write_bytes(fine / "test.bin", coarse);
  EXPECT_THAT(failure("cifar100"), HasSubstr("coarse labels from 0 to 19, image 0 has 20"));
}

TEST_F(CifarSet, SaysWhereItIsToBeHad) {
  EXPECT_THAT(failure("cifar10"), AllOf(HasSubstr((data_ / "cifar-10-batches-bin").string()),
                                        HasSubstr("https://www.cs.toronto.edu/~kriz/cifar.html")));
  DatasetOptions asked = options();
  asked.download = true;  // there is no mirror whose content could be checked
  EXPECT_THROW(load("cifar10", asked), DataError);
  EXPECT_THROW(fetch("cifar100", options()), DataError);
  test::write_cifar10(data_, 3, 2);
  EXPECT_EQ(fetch("cifar10", options()), data_ / "cifar10");
}

TEST_F(CifarSet, VerifyChecksTheStructureAndKnowsNoHash) {
  const fs::path path = test::write_cifar10(data_, 3, 2);
  for (const FileReport& file : verify_files("cifar10", options())) {
    EXPECT_TRUE(file.good()) << file.problem;
    EXPECT_EQ(file.expected, "");
    EXPECT_EQ(file.sha256.size(), 64U);
  }
  test::write_bytes(path / "data_batch_2.bin", test::bytes_of("no records"));
  EXPECT_THAT(verify_files("cifar10", options()).at(1).problem, HasSubstr("records of 3073"));
}

}  // namespace
}  // namespace evenkeel::datasets
