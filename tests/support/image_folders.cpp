// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_folders.h"

#include "evenkeel/base/random.h"
#include "tests/support/image_files.h"

namespace evenkeel::test {

Image class_image(std::int64_t label, std::uint64_t number, std::int64_t side,
                  std::int64_t channels) {
  Image image;
  image.height = image.width = side;
  image.channels = channels;
  image.pixels.resize(static_cast<std::size_t>(side * side * channels));
  const Random random(number, Purpose::test, static_cast<std::uint64_t>(label));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / (side * channels);
    const bool bright = row / 2 == label % (side / 2);
    image.pixels[i] = static_cast<std::uint8_t>((bright ? 160 : 0) + random.below(i, 96));
  }
  return image;
}

void write_png_file(const std::filesystem::path& path, const Image& image) {
  write_bytes(path, png_file(image));
}

void write_classes(const std::filesystem::path& root, const std::vector<std::string>& classes,
                   std::size_t count, std::uint64_t first, std::int64_t side,
                   std::int64_t channels) {
  for (std::size_t label = 0; label < classes.size(); ++label) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      const std::string name =
          std::string(3 - std::min<std::size_t>(3, number.size()), '0') + number;
      write_png_file(root / classes[label] / (name + ".png"),
                     class_image(static_cast<std::int64_t>(label), first + i, side, channels));
    }
  }
}

}  // namespace evenkeel::test
