// SPDX-License-Identifier: Apache-2.0
// Small folders of PNG files, a folder a class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evenkeel/formats/image.h"

namespace evenkeel::test {

// An image that tells class and number apart and that a network can learn: a bright band at the
// place of the class, in noise.
Image class_image(std::int64_t label, std::uint64_t number, std::int64_t side = 12,
                  std::int64_t channels = 1);

void write_png_file(const std::filesystem::path& path, const Image& image);

// <root>/<class>/000.png, 001.png, … of class_image(its place in `classes`, first + i).
void write_classes(const std::filesystem::path& root, const std::vector<std::string>& classes,
                   std::size_t count, std::uint64_t first = 0, std::int64_t side = 12,
                   std::int64_t channels = 1);

}  // namespace evenkeel::test
