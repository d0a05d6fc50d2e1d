// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <optional>

#include "evenkeel/base/error.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/image_folder.h"
#include "evenkeel/data/made_content.h"
#include "evenkeel/formats/checked_size.h"
#include "evenkeel/formats/image.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kBlockBytes = std::int64_t{16} << 20;  // of pixels decoded at a time
constexpr std::int64_t kMostOfBlock = 512;                    // images

// The size and channels that all have: those of the first image that can be read.
struct Expected {
  Shape shape;  // [H,W,C]
  fs::path from;
};

Shape shape_of(const Image& image) { return {image.height, image.width, image.channels}; }

std::string odd_text(const Image& image, const Expected& expected) {
  Image first;
  first.height = expected.shape[0];
  first.width = expected.shape[1];
  first.channels = expected.shape[2];
  return "is " + describe(image) + ", the first image, " + expected.from.filename().string() +
         ", is " + describe(first);
}

// Why a file cannot be used, or nothing; then its pixels are in `pixels`.
std::optional<std::string> decode(const fs::path& path, const Expected& expected,
                                  std::span<std::uint8_t> pixels) {
  try {
    const Image image = read_image(path);
    if (shape_of(image) != expected.shape) return odd_text(image, expected);
    std::copy(image.pixels.begin(), image.pixels.end(), pixels.begin());
    return std::nullopt;
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string where = "[" + error.where() + "] ";  // the path, which is told beside it
    return text.starts_with(where) ? text.substr(where.size()) : text;
  } catch (const std::bad_alloc&) {
    return "is too large for the memory there is";
  }
}

std::optional<Expected> first_readable(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    try {
      return Expected{shape_of(read_image(file)), file};
    } catch (const DataError&) {
    }
  }
  return std::nullopt;
}

// The pixels of the images that are good, then a byte for every file: 1 where it was.
void append_content(const std::vector<fs::path>& files, const Expected& expected,
                    const Append& append) {
  const std::int64_t bytes = expected.shape.elements();
  const std::int64_t block =
      std::clamp<std::int64_t>(kBlockBytes / bytes, default_threads(), kMostOfBlock);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(block * bytes));
  std::vector<std::byte> good(files.size());
  const auto place = [&](std::int64_t i) {
    return std::span(pixels).subspan(static_cast<std::size_t>(i * bytes),
                                     static_cast<std::size_t>(bytes));
  };
  for (std::int64_t begin = 0; begin < std::ssize(files); begin += block) {
    const std::int64_t count = std::min(block, std::ssize(files) - begin);
    run_lanes(default_threads(), count, [&](int, std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        const auto file = static_cast<std::size_t>(begin + i);
        good[file] = std::byte(decode(files[file], expected, place(i)) ? 0 : 1);
      }
    });
    for (std::int64_t i = 0; i < count; ++i)
      if (good[static_cast<std::size_t>(begin + i)] == std::byte{1})
        append(std::as_bytes(place(i)));
  }
  append(good);
}

struct Decoded {
  std::shared_ptr<const void> owner;
  std::span<const std::uint8_t> pixels;
  std::span<const std::byte> good;  // by file
};

Decoded decoded_files(const fs::path& root, const std::vector<fs::path>& files,
                      const Expected& expected, bool use_cache) {
  const std::int64_t each[] = {std::ssize(files), expected.shape.elements()};
  const auto bytes = checked_product(each);
  if (!bytes) throw DataError(root.string(), "its images are too many");
  const ContentKey key = {root, "pixels of " + to_string(expected.shape),
                          identities_of(files, root), static_cast<std::uint64_t>(*bytes)};
  const DecodedFile content =
      made_content(key, decoded_folder(use_cache),
                   [&](const Append& append) { append_content(files, expected, append); });
  const std::size_t size = content.bytes.size() - files.size();
  return {content.owner,
          {reinterpret_cast<const std::uint8_t*>(content.bytes.data()), size},
          content.bytes.subspan(size)};
}

// Those whose identity can be told; others are bad.
std::vector<FolderImage> existing(const std::vector<FolderImage>& images,
                                  std::vector<BadFile>& bad) {
  std::vector<FolderImage> result;
  for (const FolderImage& image : images) {
    std::error_code error;
    if (fs::is_regular_file(image.path, error))
      result.push_back(image);
    else
      bad.push_back({image.path, "expected a readable file, it is a link to nowhere or no file"});
  }
  return result;
}

std::string faults_text(const std::vector<std::string>& faults) {
  std::string text = "expected a folder of images by class:";
  for (const std::string& fault : faults) text += "\n  " + fault;
  return text;
}

}  // namespace

DecodedFolder decode_folder(const fs::path& given, const std::string& name, bool use_cache) {
  // "pets/" is "pets": one entry of the cache for both.
  const fs::path root = given.has_filename() ? given : given.parent_path();
  DecodedFolder folder;
  folder.scan = scan_folder(root);
  if (!folder.scan.faults.empty()) throw DataError(name, faults_text(folder.scan.faults));
  folder.bad = folder.scan.strays;
  std::vector<fs::path> files;
  for (auto& part : folder.scan.parts) {
    part = existing(part, folder.bad);
    for (const FolderImage& image : part) files.push_back(image.path);
  }
  const auto expected = first_readable(files);
  if (!expected)
    throw DataError(name, "expected at least one image that can be read, of " +
                              std::to_string(files.size()) + " none can");
  const Decoded decoded = decoded_files(root, files, *expected, use_cache);

  std::vector<std::int32_t> labels;
  std::size_t file = 0;
  for (std::size_t part = 0; part < folder.files.size(); ++part) {
    for (const FolderImage& image : folder.scan.parts[part]) {
      if (decoded.good[file++] == std::byte{1}) {
        labels.push_back(image.label);
        folder.files[part].push_back(image.path);
        continue;
      }
      std::vector<std::uint8_t> unused(static_cast<std::size_t>(expected->shape.elements()));
      folder.bad.push_back(
          {image.path, decode(image.path, *expected, unused).value_or("was changed meanwhile")});
    }
  }
  std::sort(folder.bad.begin(), folder.bad.end(),
            [](const BadFile& a, const BadFile& b) { return a.path.native() < b.path.native(); });
  const Shape& one = expected->shape;
  const Shape all({std::ssize(labels), one[0], one[1], one[2]});
  folder.images = Dataset(name, all, decoded.pixels, decoded.owner, std::move(labels),
                          std::ssize(folder.scan.classes));
  return folder;
}

}  // namespace evenkeel::datasets
