// SPDX-License-Identifier: Apache-2.0
// Bad image files: an error that names the file, or an image; never a crash, never a word on
// stderr.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include "evenkeel/base/crc32.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"
#include "evenkeel/formats/image.h"
#include "tests/support/image_files.h"

namespace evenkeel {
namespace {

using test::ByteVector;
using test::jpeg_file;
using test::pattern_image;
using test::png_file;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string image_failure(const ByteVector& bytes) {
  try {
    parse_image(bytes, "folder/f");
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::vector<ByteVector> small_files() {
  return {png_file(pattern_image(5, 9, 1)),
          png_file(pattern_image(7, 6, 4), {.interlaced = true, .bits = 16}),
          test::palette_png_file({2, 3, 1, {1, 0, 2, 0, 1, 2}}),
          jpeg_file(pattern_image(17, 20, 3)),
          jpeg_file(pattern_image(9, 8, 1), {.progressive = true})};
}

TEST(DamagedImage, CutAnywhereIsRefused) {
  for (const ByteVector& whole : small_files()) {
    ASSERT_NO_THROW(parse_image(whole, "f"));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_THAT(image_failure(part), HasSubstr("[folder/f]")) << length << " of " << whole.size();
    }
  }
}

TEST(DamagedImage, ChangedBytesGiveAnErrorOrAnImage) {
  testing::internal::CaptureStderr();
  std::uint64_t seed = 0;
  for (const ByteVector& whole : small_files()) {
    for (int round = 0; round < 600; ++round) {
      const Random random(++seed, Purpose::test, 1);
      ByteVector bytes = whole;
      for (std::uint64_t change = 0; change <= random.below(0, 4); ++change)
        bytes[random.below(3 * change + 1, bytes.size())] =
            static_cast<std::byte>(random.below(3 * change + 2, 256));
      try {
        const Image image = parse_image(bytes, "f");
        ASSERT_EQ(static_cast<std::int64_t>(image.pixels.size()),
                  image.height * image.width * image.channels);
      } catch (const DataError& error) {
        ASSERT_EQ(error.where(), "f") << "seed " << seed;
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(DamagedImage, ChangedPngPixelsAreFoundByTheirChecksum) {
  ByteVector bytes = png_file(pattern_image(5, 9, 1));
  bytes[bytes.size() - 20] ^= std::byte{1};
  EXPECT_THAT(image_failure(bytes), AllOf(HasSubstr("damaged PNG"), HasSubstr("IDAT")));
}

TEST(DamagedImage, AHeaderMayNotAskForMoreThanTheLimit) {
  const ByteVector png = png_file(pattern_image(5, 9, 3));
  EXPECT_THAT(image_failure(test::png_with_size(png, 0x7fffffff, 0x7fffffff)),
              HasSubstr("at most 64 million pixels, its header asks for 2147483647x2147483647"));
  EXPECT_THAT(image_failure(test::png_with_size(png, 8193, 8193)), HasSubstr("8193x8193"));
  EXPECT_THAT(image_failure(test::png_with_size(png, 0, 9)), HasSubstr("damaged PNG"));
  const ByteVector jpeg = jpeg_file(pattern_image(17, 20, 3));
  EXPECT_THAT(image_failure(test::jpeg_with_size(jpeg, 65500, 65500)), HasSubstr("65500x65500"));
}

TEST(DamagedImage, AHeaderMayNotAskForMoreThanTheFileCanHold) {
  const ByteVector png = png_file(pattern_image(5, 9, 3));
  EXPECT_THAT(image_failure(test::png_with_size(png, 8000, 8000)), HasSubstr("can hold"));
  const ByteVector jpeg = jpeg_file(pattern_image(17, 20, 3));
  EXPECT_THAT(image_failure(test::jpeg_with_size(jpeg, 8000, 8000)), HasSubstr("can hold"));
}

// Pictures of one colour are the smallest for their size; the check must let them through.
TEST(DamagedImage, EvenTheEmptiestPicturesPass) {
  const Image black{1500, 2000, 1, std::vector<std::uint8_t>(1500 * 2000)};
  const Image colour{1500, 2000, 3, std::vector<std::uint8_t>(1500 * 2000 * 3)};
  for (const Image& image : {black, colour}) {
    EXPECT_EQ(describe(parse_image(png_file(image), "f")), describe(image));
    for (const bool progressive : {false, true}) {
      const ByteVector file = jpeg_file(image, {.quality = 1, .progressive = progressive});
      EXPECT_EQ(describe(parse_image(file, "f")), describe(image));
    }
  }
}

TEST(DamagedImage, AnEmptyFileOrAnotherFormatSaysSo) {
  EXPECT_THAT(image_failure({}), HasSubstr("an empty file"));
  EXPECT_THAT(image_failure(test::bytes_of("GIF89a")), HasSubstr("expected a PNG or JPEG file"));
}

// One of 8 MB, in 8 kB.
ByteVector inflating_text_chunk() {
  std::vector<Bytef> packed(1 << 16);
  const std::vector<Bytef> text(8'000'000, 'a');
  uLongf size = packed.size();
  EXPECT_EQ(compress2(packed.data(), &size, text.data(), text.size(), 9), Z_OK);
  std::string body = std::string("zTXtkey") + '\0' + '\0';
  body.append(reinterpret_cast<const char*>(packed.data()), size);
  const auto big_endian = [](std::size_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  };
  const std::uint32_t crc = crc32(std::as_bytes(std::span(body)));
  return test::bytes_of(big_endian(body.size() - 4) + body + big_endian(crc));
}

TEST(DamagedImage, TextsThatInflateAreNotKept) {
  constexpr std::ptrdiff_t kAfterHeader = 8 + 25;
  const ByteVector plain = png_file(pattern_image(5, 9, 1));
  const ByteVector chunk = inflating_text_chunk();
  ByteVector bomb(plain.begin(), plain.begin() + kAfterHeader);
  for (int i = 0; i < 200; ++i) bomb.insert(bomb.end(), chunk.begin(), chunk.end());
  bomb.insert(bomb.end(), plain.begin() + kAfterHeader, plain.end());
  const auto most_bytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024;
  };
  const long before = most_bytes();
  EXPECT_EQ(parse_image(bomb, "f").pixels, parse_image(plain, "f").pixels);
  EXPECT_LT(most_bytes() - before, 200'000'000);  // the texts are 1.6 GB
}

}  // namespace
}  // namespace evenkeel
