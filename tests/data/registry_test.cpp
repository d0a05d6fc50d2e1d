// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/data/known_sets.h"
#include "evenkeel/data/verify.h"
#include "tests/support/idx_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::ByteVector;
using ::testing::AllOf;
using ::testing::HasSubstr;

// The process's environment with a cache folder of its own and no $EVENKEEL_DATA.
class Registry : public ::testing::Test {
 protected:
  Registry() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    ::unsetenv("EVENKEEL_DATA");
  }
  ~Registry() override {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("EVENKEEL_DATA");
  }

  DatasetOptions options() const { return {.directory = data_, .decoded_cache = false}; }
  std::string failure() const {
    return failure<DataError>([&] { mnist(options()); });
  }
  template <typename E>
  static std::string failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const E& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  void replace(const std::string& name, const ByteVector& content) const {
    fs::remove(data_ / "mnist" / (name + ".gz"));
    test::write_bytes(data_ / "mnist" / (name + ".gz"), content);
  }
  void expect_damage(const std::string& name, const ByteVector& content,
                     const std::string& reason) {
    test::write_idx_set(data_, "mnist", 24, 6);
    replace(name, content);
    EXPECT_THAT(failure(), AllOf(HasSubstr(name), HasSubstr(reason)));
  }

  test::TemporaryFolder folder_;
  fs::path data_ = folder_ / "data";
};

TEST_F(Registry, splits_small_sets_and_gives_pixels_and_labels_of_the_files) {
  test::write_idx_set(data_, "mnist", 36, 6, 4);
  const Splits splits = mnist(options());
  EXPECT_EQ(splits.validation.size(), 3);
  EXPECT_EQ(splits.train.size(), 33);
  EXPECT_EQ(splits.test.size(), 6);
  EXPECT_EQ(splits.train.name(), "mnist");
  EXPECT_EQ(splits.train.classes(), 10);
  EXPECT_EQ(splits.train.image_shape(), Shape({28, 28, 1}));
  EXPECT_EQ(splits.source, data_ / "mnist");

  const auto labels = test::small_labels(36, 8);
  const auto images = test::small_images(labels, 8);
  for (std::int64_t i = 0; i < 33; ++i)
    ASSERT_EQ(splits.train.labels()[static_cast<std::size_t>(i)],
              labels[static_cast<std::size_t>(i) + 3]);
  EXPECT_TRUE(std::equal(splits.train.images().begin(), splits.train.images().end(),
                         images.begin() + 3 * 784));
  EXPECT_TRUE(std::equal(splits.validation.images().begin(), splits.validation.images().end(),
                         images.begin()));
}

TEST_F(Registry, holds_out_the_first_5000_images_of_a_large_set) {
  test::write_idx_set(data_, "fashion-mnist", 5010, 1);
  const Splits splits = fashion_mnist(options());
  EXPECT_EQ(splits.validation.size(), 5000);
  EXPECT_EQ(splits.train.size(), 10);
  EXPECT_EQ(splits.test.name(), "fashion-mnist");
}

TEST_F(Registry, loads_the_same_with_the_cache_cold_warm_or_off) {
  test::write_idx_set(data_, "mnist", 400, 6);
  const auto pixels = [](const Splits& splits) {
    const auto bytes = splits.train.images();
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  const auto without = pixels(mnist(options()));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
  EXPECT_EQ(pixels(mnist({.directory = data_})), without);
  EXPECT_TRUE(fs::exists(folder_ / "cache/evenkeel/decoded"));
  EXPECT_EQ(pixels(mnist({.directory = data_})), without);
}

TEST_F(Registry, reads_uncompressed_files_too) {
  const fs::path folder = test::write_idx_set(data_, "mnist", 24, 6);
  const auto labels = test::small_labels(24, 2);
  fs::remove(folder / "train-labels-idx1-ubyte.gz");
  test::write_bytes(folder / "train-labels-idx1-ubyte", test::idx_file({24}, labels));
  EXPECT_EQ(mnist(options()).train.size(), 22);
}

TEST_F(Registry, looks_in_the_given_folder_then_EVENKEEL_DATA_then_the_cache) {
  const fs::path variable = folder_ / "variable";
  test::write_idx_set(folder_ / "cache/evenkeel", "mnist", 24, 3);
  EXPECT_EQ(mnist(options()).test.size(), 3);
  test::write_idx_set(variable, "mnist", 24, 2);
  ::setenv("EVENKEEL_DATA", variable.c_str(), 1);
  EXPECT_EQ(mnist(options()).test.size(), 2);
  test::write_idx_set(data_, "mnist", 24, 1);
  EXPECT_EQ(mnist(options()).test.size(), 1);
  EXPECT_THAT(
      default_directories(data_),
      ::testing::ElementsAre(data_, variable, folder_ / "cache/evenkeel", "/usr/share/datasets"));
}

TEST_F(Registry, a_damaged_file_is_never_a_reason_to_look_further) {
  test::write_idx_set(folder_ / "cache/evenkeel", "mnist", 24, 3);
  test::write_idx_set(data_, "mnist", 24, 6);
  replace("t10k-labels-idx1-ubyte", {});
  EXPECT_THAT(failure(), AllOf(HasSubstr((data_ / "mnist/t10k-labels-idx1-ubyte.gz").string()),
                               HasSubstr("an empty file")));
}

TEST_F(Registry, an_incomplete_set_names_what_is_missing) {
  test::write_idx_set(folder_ / "cache/evenkeel", "mnist", 24, 3);
  const fs::path folder = test::write_idx_set(data_, "mnist", 24, 6);
  fs::remove(folder / "train-labels-idx1-ubyte.gz");
  EXPECT_THAT(failure(),
              AllOf(HasSubstr(folder.string()), HasSubstr("missing: train-labels-idx1-ubyte.gz")));
}

TEST_F(Registry, a_set_found_nowhere_lists_the_places_and_how_to_get_it) {
  EXPECT_THAT(failure(), AllOf(HasSubstr((data_ / "mnist").string()),
                               HasSubstr((folder_ / "cache/evenkeel/mnist").string()),
                               HasSubstr("data fetch mnist")));
}

TEST_F(Registry, damaged_files_are_named_with_the_reason) {
  const auto labels = test::small_labels(24, 2);
  const auto images = test::small_images(labels, 2);
  const std::string images_name = "train-images-idx3-ubyte";
  const std::string labels_name = "train-labels-idx1-ubyte";
  const ByteVector good = test::idx_file({24, 28, 28}, images);
  ByteVector short_file = good;
  short_file.pop_back();
  ByteVector broken_gzip = test::gzip(good);
  broken_gzip[broken_gzip.size() / 2] ^= std::byte{1};
  ByteVector cut_gzip = test::gzip(good);
  cut_gzip.resize(cut_gzip.size() / 2);

  expect_damage(images_name, {}, "an empty file");
  expect_damage(images_name, test::gzip({}), "an empty file");
  expect_damage(images_name, short_file, "18816 bytes");
  expect_damage(images_name, test::gzip(short_file), "18816 bytes");
  expect_damage(images_name, broken_gzip, "gzip");
  expect_damage(images_name, cut_gzip, "ends too early");
  expect_damage(images_name, test::gzip(test::idx_file({24}, labels)), "magic number 0x00000803");
  expect_damage(labels_name, test::gzip(good), "magic number 0x00000801");
  expect_damage(images_name, test::gzip(test::idx_file({25, 28, 28}, images)), "19600 bytes");
  expect_damage(images_name, test::gzip(test::idx_file({96, 14, 14}, images)), "28x28");
  expect_damage(images_name, test::gzip(test::idx_file({0, 28, 28}, {})), "at least one");
}

TEST_F(Registry, labels_that_disagree_or_are_out_of_range_are_named) {
  auto labels = test::small_labels(23, 2);
  expect_damage("train-labels-idx1-ubyte", test::gzip(test::idx_file({23}, labels)),
                "23 labels for 24 images");
  labels.push_back(10);
  expect_damage("train-labels-idx1-ubyte", test::gzip(test::idx_file({24}, labels)),
                "image 23 has 10");
}

TEST_F(Registry, an_unknown_name_is_refused_with_the_nearest_one) {
  for (const auto& action : std::vector<std::function<void()>>{
           [] { load("mnits"); }, [] { fetch("mnits"); }, [] { verify_files("mnits"); }}) {
    EXPECT_THAT(failure<InvalidArgument>(action),
                AllOf(HasSubstr("'mnits'"), HasSubstr("did you mean 'mnist'?")));
  }
}

TEST_F(Registry, lists_every_set_with_the_folder_it_was_found_in) {
  test::write_idx_set(data_, "mnist", 24, 6);
  const auto sets = list(options());
  ASSERT_EQ(sets.size(), 5U);
  EXPECT_EQ(sets[0].name, "mnist");
  EXPECT_EQ(sets[0].found_in, data_ / "mnist");
  const char* const names[] = {"mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100"};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_EQ(sets[i].name, names[i]);
    EXPECT_FALSE(sets[i].description.empty());
    EXPECT_EQ(sets[i].downloads, i < 2);
  }
}

TEST_F(Registry, loads_kmnist_as_the_other_idx_sets_and_says_where_to_get_it) {
  EXPECT_THAT(failure<DataError>([&] { fetch("kmnist", options()); }),
              HasSubstr("http://codh.rois.ac.jp/kmnist/"));
  test::write_idx_set(data_, "kmnist", 36, 6);
  const Splits splits = load("kmnist", options());
  EXPECT_EQ(splits.train.size(), 33);
  EXPECT_EQ(splits.test.name(), "kmnist");
  EXPECT_EQ(splits.class_names.at(3), "tsu");
  EXPECT_EQ(fetch("kmnist", options()), data_ / "kmnist");
}

TEST_F(Registry, holds_out_other_images_where_asked) {
  test::write_idx_set(data_, "mnist", 200, 6);
  DatasetOptions asked = options();
  asked.validation = 0.1;
  const Splits one = mnist(asked);
  EXPECT_EQ(one.train.size(), 180);
  EXPECT_EQ(one.validation.size(), 20);
  EXPECT_EQ(one.test.size(), 6);
  asked.split_seed = 2;
  const Splits two = mnist(asked);
  EXPECT_FALSE(std::equal(one.validation.images().begin(), one.validation.images().end(),
                          two.validation.images().begin()));
  asked.validation = 0;
  EXPECT_EQ(mnist(asked).train.size(), 200);
  asked.validation = {};
  asked.test = 0.5;
  EXPECT_THAT(failure<InvalidArgument>([&] { mnist(asked); }), HasSubstr("test images of its own"));
}

TEST_F(Registry, tells_names_from_paths) {
  test::write_idx_set(data_, "mnist", 24, 6);
  for (const std::string good : {"mnist", "cifar100", "./mnist", "some/where", "/", "set.npz"})
    EXPECT_TRUE(is_known_or_path(good)) << good;
  EXPECT_TRUE(is_known_or_path(data_.string()));
  for (const std::string bad : {"", "mnits", "npz"}) {
    EXPECT_FALSE(is_known_or_path(bad)) << bad;
    EXPECT_THROW(load(bad), InvalidArgument) << bad;
    EXPECT_THROW(require_known_or_path("--data", bad), InvalidArgument) << bad;
  }
  EXPECT_THAT(failure<InvalidArgument>([] { require_known_or_path("--data", "mnits"); }),
              AllOf(HasSubstr("[--data]"), HasSubstr("a folder of images or an .npz file"),
                    HasSubstr("did you mean 'mnist'?")));
  EXPECT_THROW(load("no/such/folder"), DataError);
  EXPECT_TRUE(class_names_of("mnist").empty());
  EXPECT_EQ(class_names_of("cifar10").size(), 10U);
  EXPECT_TRUE(class_names_of("no/such/folder").empty());
}

TEST_F(Registry, verify_reports_hash_damage_and_absence_file_by_file) {
  const fs::path folder = test::write_idx_set(data_, "mnist", 24, 6);
  replace("t10k-images-idx3-ubyte", test::bytes_of("not an IDX file"));
  fs::remove(folder / "t10k-labels-idx1-ubyte.gz");
  const auto reports = verify_files("mnist", options());
  ASSERT_EQ(reports.size(), 4U);
  EXPECT_THAT(reports[0].problem, HasSubstr("expected SHA-256 ba891046"));
  EXPECT_EQ(reports[0].sha256.size(), 64U);
  EXPECT_THAT(reports[2].problem, HasSubstr("IDX file of images"));
  EXPECT_EQ(reports[3].problem, "is missing");
  for (const FileReport& report : reports) EXPECT_FALSE(report.good());
  EXPECT_THROW(verify_files("mnist", {.directory = folder_ / "elsewhere"}), DataError);
}

TEST_F(Registry, mirrors_are_https_and_end_in_a_slash) {
  for (const KnownSet& set : known_sets()) {
    EXPECT_TRUE(set.mirrors.empty() || set.mirrors.size() >= 2U) << set.name;
    EXPECT_EQ(set.downloads(), !set.files[0].sha256.empty()) << "what cannot be checked is not got";
    for (const std::string_view mirror : set.mirrors) {
      EXPECT_TRUE(mirror.starts_with("https://")) << mirror;
      EXPECT_TRUE(mirror.ends_with("/")) << mirror;
    }
  }
}

}  // namespace
}  // namespace evenkeel::datasets
