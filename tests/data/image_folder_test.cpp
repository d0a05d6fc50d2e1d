// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: setenv is POSIX

#include "evenkeel/base/error.h"
#include "evenkeel/data/registry.h"
#include "tests/support/image_files.h"
#include "tests/support/image_folders.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::class_image;
using test::write_png_file;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ImageFolder : public ::testing::Test {
 protected:
  ImageFolder() { ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1); }
  ~ImageFolder() override { ::unsetenv("XDG_CACHE_HOME"); }

  Splits load(DatasetOptions options = {.decoded_cache = false}) const {
    return datasets::load(root_.string(), options);
  }
  Splits load_skipping() const { return load({.decoded_cache = false, .skip_bad = true}); }
  std::string failure(const DatasetOptions& options = {.decoded_cache = false}) const {
    try {
      load(options);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  test::TemporaryFolder folder_;
  fs::path root_ = folder_ / "pets";
};

std::vector<std::uint8_t> pixels_of(const Dataset& data, std::int64_t index) {
  const auto image = data.image(index);
  return {image.begin(), image.end()};
}

TEST_F(ImageFolder, TakesItsPartsAndClassesFromFolders) {
  test::write_classes(root_ / "train", {"cat", "dog", "newt"}, 4, 0);
  test::write_classes(root_ / "validation", {"cat", "dog"}, 1, 10);
  test::write_classes(root_ / "test", {"cat", "dog", "newt"}, 2, 20);
  const Splits splits = load();
  EXPECT_EQ(splits.train.size(), 12);
  EXPECT_EQ(splits.train.classes(), 3);
  EXPECT_EQ(splits.train.image_shape(), Shape({12, 12, 1}));
  EXPECT_EQ(splits.train.name(), root_.string());
  EXPECT_EQ(splits.source, root_);
  EXPECT_THAT(splits.class_names, ElementsAre("cat", "dog", "newt"));
  EXPECT_THAT(splits.train.labels(), ElementsAre(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2));
  EXPECT_THAT(splits.validation.labels(), ElementsAre(0, 1));
  EXPECT_THAT(splits.test.labels(), ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_EQ(pixels_of(splits.train, 5), class_image(1, 1).pixels);
  EXPECT_EQ(pixels_of(splits.test, 5), class_image(2, 21).pixels);
  EXPECT_THAT(splits.skipped, IsEmpty());
  EXPECT_THAT(class_names_of(root_.string()), ElementsAre("cat", "dog", "newt"));
}

TEST_F(ImageFolder, IsDividedByClassAndSeedWhereItHasNoParts) {
  test::write_classes(root_, {"a", "b"}, 20);
  const Splits splits = load();
  EXPECT_EQ(splits.train.size(), 32);
  EXPECT_EQ(splits.validation.size(), 4);
  EXPECT_EQ(splits.test.size(), 4);
  EXPECT_THAT(splits.test.labels(), ElementsAre(0, 0, 1, 1));
  DatasetOptions other = {.decoded_cache = false, .split_seed = 2};
  EXPECT_NE(pixels_of(load(other).test, 0), pixels_of(splits.test, 0));
  other.validation = 0;
  other.test = 5;
  EXPECT_EQ(load(other).validation.size(), 0);
  EXPECT_EQ(load(other).test.size(), 5);
  other.test = 0.99;
  EXPECT_THROW(load(other), InvalidArgument);
}

TEST_F(ImageFolder, RefusesToDivideWhatIsThere) {
  test::write_classes(root_ / "train", {"a", "b"}, 5);
  test::write_classes(root_ / "val", {"a", "b"}, 1);
  EXPECT_EQ(load().validation.size(), 2);
  EXPECT_EQ(load().test.size(), 1);
  DatasetOptions asked = {.decoded_cache = false, .validation = 0.1};
  EXPECT_THROW(load(asked), InvalidArgument);
}

TEST_F(ImageFolder, IsInTheOrderOfNamesWhateverTheDirectorySays) {
  for (const int number : {3, 1, 2, 10})
    write_png_file(root_ / "b" / (std::to_string(number) + ".png"),
                   class_image(1, static_cast<std::uint64_t>(number)));
  write_png_file(root_ / "B" / "1.PNG", class_image(0, 9));
  const FolderScan scan = scan_folder(root_);
  EXPECT_THAT(scan.classes, ElementsAre("B", "b"));
  std::vector<std::string> names;
  for (const FolderImage& image : scan.parts[0]) names.push_back(image.path.filename());
  EXPECT_THAT(names, ElementsAre("1.PNG", "1.png", "10.png", "2.png", "3.png"));
}

TEST_F(ImageFolder, ReadsColourJpegAndPngTogether) {
  test::write_classes(root_, {"a", "b"}, 4, 0, 8, 3);
  test::write_bytes(root_ / "a/photo.JPEG", test::jpeg_file(test::pattern_image(8, 8, 3)));
  test::write_bytes(root_ / "b/photo.jpg", test::jpeg_file(test::pattern_image(8, 8, 3)));
  const Splits splits = load();
  EXPECT_EQ(splits.train.size() + splits.validation.size() + splits.test.size(), 10);
  EXPECT_EQ(splits.train.image_shape(), Shape({8, 8, 3}));
}

TEST_F(ImageFolder, ListsAllFilesThatCannotBeUsedInOneError) {
  test::write_classes(root_, {"a", "b"}, 4);
  test::write_bytes(root_ / "a/bad.png", test::bytes_of("no image"));
  write_png_file(root_ / "b/large.png", class_image(1, 1, 14));
  write_png_file(root_ / "b/colour.png", class_image(1, 1, 12, 3));
  write_png_file(root_ / "stray.png", class_image(1, 1));
  test::write_bytes(root_ / "b/old.bmp", test::bytes_of("BM"));
  fs::create_symlink(root_ / "nowhere.png", root_ / "b/link.png");
  EXPECT_THAT(
      failure(),
      AllOf(HasSubstr("6 of 14 are not"), HasSubstr("a/bad.png: expected a PNG or JPEG file"),
            HasSubstr("b/large.png: is 14x14 grey, the first image, 000.png, is 12x12 grey"),
            HasSubstr("b/colour.png: is 12x12 colour"), HasSubstr("stray.png: expected it in"),
            HasSubstr("b/old.bmp: expected a PNG or JPEG file; convert it"),
            HasSubstr("b/link.png: expected a readable file"), HasSubstr("--skip-bad")));
}

TEST_F(ImageFolder, SkipsThemWhereAskedAndListsThem) {
  test::write_classes(root_ / "train", {"a", "b"}, 4);
  test::write_classes(root_ / "test", {"a", "b"}, 2, 10);
  test::write_bytes(root_ / "train/a/001.png", test::bytes_of("no image"));
  test::write_bytes(root_ / "test/b/000.png", test::bytes_of("no image"));
  DatasetOptions options = {.decoded_cache = true, .validation = 0, .skip_bad = true};
  for (int warm = 0; warm < 2; ++warm) {
    const Splits splits = load(options);
    EXPECT_THAT(splits.skipped, ElementsAre(root_ / "test/b/000.png", root_ / "train/a/001.png"));
    EXPECT_THAT(splits.train.labels(), ElementsAre(0, 0, 0, 1, 1, 1, 1));
    EXPECT_THAT(splits.test.labels(), ElementsAre(0, 0, 1));
    EXPECT_EQ(pixels_of(splits.train, 1), class_image(0, 2).pixels);
    EXPECT_EQ(pixels_of(splits.test, 2), class_image(1, 11).pixels);
  }
  options.skip_bad = false;  // the cache does not hide them
  EXPECT_THAT(failure(options), HasSubstr("2 of 12 are not"));
}

TEST_F(ImageFolder, RefusesAClassWhoseImagesWereAllSkipped) {
  test::write_classes(root_, {"a", "b"}, 4);
  test::write_bytes(root_ / "c/1.png", test::bytes_of("no image"));
  EXPECT_THAT(failure({.decoded_cache = false, .skip_bad = true}), HasSubstr("all of 'c'"));
}

TEST_F(ImageFolder, NamesEmptyClassFolders) {
  test::write_classes(root_, {"a", "b"}, 2);
  fs::create_directories(root_ / "empty");
  test::write_bytes(root_ / "text/readme.txt", test::bytes_of("no image"));
  EXPECT_THAT(failure(), AllOf(HasSubstr("pets/empty: expected images"),
                               HasSubstr("pets/text: expected images")));
}

TEST_F(ImageFolder, SaysHowItExpectsAFolderToLook) {
  fs::create_directories(root_);
  EXPECT_THAT(failure(), HasSubstr("at least two folders"));
  write_png_file(root_ / "1.png", class_image(0, 1));
  EXPECT_THAT(failure(), HasSubstr("train/, validation/ and test/"));
  test::write_classes(root_, {"only"}, 3);
  EXPECT_THAT(failure(), HasSubstr("it has 1"));
  fs::create_directories(root_ / "only/inner");
  EXPECT_THAT(failure(), HasSubstr("only/inner: expected images, got a folder"));
}

TEST_F(ImageFolder, RefusesPartsThatDoNotGoTogether) {
  test::write_classes(root_ / "train", {"a", "b"}, 2);
  test::write_classes(root_ / "test", {"a", "c"}, 2);
  test::write_classes(root_ / "more", {"a"}, 2);
  test::write_classes(root_ / "val", {"a"}, 2);
  fs::create_directories(root_ / "validation");
  EXPECT_THAT(failure(), AllOf(HasSubstr("test/c: expected a class that train/ has"),
                               HasSubstr("more: expected only train/"),
                               HasSubstr("validation: expected one folder of validation")));
}

TEST_F(ImageFolder, AClassMayBeCalledTrain) {
  test::write_classes(root_, {"plane", "train"}, 10);
  EXPECT_THAT(load().class_names, ElementsAre("plane", "train"));
}

TEST_F(ImageFolder, LeavesOutHiddenAndOtherFilesAndFollowsLinks) {
  test::write_classes(folder_ / "elsewhere", {"b"}, 10);
  test::write_classes(root_, {"a"}, 10);
  fs::create_directory_symlink(folder_ / "elsewhere/b", root_ / "b");
  test::write_bytes(root_ / "a/._000.png", test::bytes_of("of another system"));
  test::write_bytes(root_ / "a/Thumbs.db", test::bytes_of("of another system"));
  test::write_bytes(root_ / "readme.txt", test::bytes_of("text"));
  fs::create_directories(root_ / ".git");
  const Splits splits = load();
  EXPECT_THAT(splits.class_names, ElementsAre("a", "b"));
  EXPECT_EQ(splits.train.size(), 16);
}

TEST_F(ImageFolder, IsDecodedOnceAndAnewWhenAFileChanges) {
  test::write_classes(root_, {"a", "b"}, 40, 0, 32);
  const DatasetOptions options = {.validation = 0, .test = 0};
  const auto first = pixels_of(load(options).train, 7);
  ASSERT_TRUE(fs::exists(folder_ / "cache/evenkeel/decoded"));
  EXPECT_EQ(pixels_of(load(options).train, 7), first);
  write_png_file(root_ / "a/007.png", class_image(0, 99, 32));
  EXPECT_EQ(pixels_of(load(options).train, 7), class_image(0, 99, 32).pixels);
  fs::remove(root_ / "a/007.png");
  EXPECT_EQ(load(options).train.size(), 79);
}

TEST_F(ImageFolder, APathThatIsNotThereIsNamed) {
  EXPECT_THAT(failure(), HasSubstr("there is none"));
  test::write_bytes(folder_ / "pets", test::bytes_of("a file"));
  EXPECT_THAT(failure(), HasSubstr("got another file"));
}

}  // namespace
}  // namespace evenkeel::datasets
