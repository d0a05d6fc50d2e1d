// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/cifar_set.h"

#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/made_content.h"
#include "evenkeel/data/parts.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

constexpr std::size_t kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;
constexpr std::size_t kImage = 3 * kPlane;
constexpr std::size_t kLargestCifarFile = std::size_t{1} << 30;
constexpr std::size_t kCoarseClasses = 20;

std::size_t label_bytes(const KnownSet& set) { return set.classes == 100 ? 2 : 1; }

std::size_t records_in(std::size_t bytes, const KnownSet& set, const std::string& where) {
  const std::size_t record = label_bytes(set) + kImage;
  if (bytes == 0 || bytes % record != 0)
    throw DataError(where, "expected records of " + std::to_string(record) +
                               " bytes, got a file of " + std::to_string(bytes) +
                               "; get the file again");
  return bytes / record;
}

// R, G, B planes to pixels of three bytes.
void interleave(Bytes planes, std::span<std::byte> pixels) {
  for (std::size_t i = 0; i < kPlane; ++i)
    for (std::size_t channel = 0; channel < 3; ++channel)
      pixels[3 * i + channel] = planes[channel * kPlane + i];
}

// The pixels of all files, then a label byte for each image.
void append_content(const KnownSet& set, const Located& located, const Append& append) {
  std::vector<std::byte> labels;
  std::vector<std::byte> pixels(kImage);
  const std::size_t skip = label_bytes(set);
  for (const fs::path& path : located.files) {
    const auto file = os::read_file(path, kLargestCifarFile);
    check_cifar_file(file, set, path.string());
    for (Bytes rest = file; !rest.empty(); rest = rest.subspan(skip + kImage)) {
      labels.push_back(rest[skip - 1]);
      interleave(rest.subspan(skip, kImage), pixels);
      append(pixels);
    }
  }
  append(labels);
}

}  // namespace

void check_cifar_file(Bytes bytes, const KnownSet& set, const std::string& where) {
  const std::size_t count = records_in(bytes.size(), set, where);
  const std::size_t labels = label_bytes(set);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < labels; ++j) {
      const bool coarse = j + 1 < labels;
      const std::size_t most = coarse ? kCoarseClasses : static_cast<std::size_t>(set.classes);
      const auto label = std::to_integer<std::size_t>(bytes[i * (labels + kImage) + j]);
      if (label < most) continue;
      throw DataError(where, std::string("expected ") + (coarse ? "coarse " : "") +
                                 "labels from 0 to " + std::to_string(most - 1) + ", image " +
                                 std::to_string(i) + " has " + std::to_string(label) +
                                 "; get the file again");
    }
  }
}

Splits load_cifar_set(const KnownSet& set, const Located& located, const DatasetOptions& options) {
  std::size_t count = 0;
  std::size_t last = 0;  // images of the last file, which are the test images
  for (const fs::path& path : located.files) {
    const auto identity = os::file_identity(path);
    last = records_in(identity ? identity->size : 0, set, path.string());
    count += last;
  }
  const ContentKey key = {located.files.front(), "pixels of " + std::string(set.name),
                          identities_of(located.files, located.folder), count * (kImage + 1)};
  const DecodedFile content =
      made_content(key, decoded_folder(options.decoded_cache),
                   [&](const Append& append) { append_content(set, located, append); });
  if (content.bytes.size() != count * (kImage + 1))
    throw DataError(located.folder.string(), "its files were changed while they were read");

  const Bytes labels = content.bytes.subspan(count * kImage);
  std::vector<std::int32_t> classes;
  classes.reserve(count);
  for (const std::byte label : labels) classes.push_back(std::to_integer<std::int32_t>(label));
  const auto* const pixels = reinterpret_cast<const std::uint8_t*>(content.bytes.data());
  const Dataset all(std::string(set.name),
                    Shape({static_cast<std::int64_t>(count), kSide, kSide, 3}),
                    {pixels, count * kImage}, content.owner, std::move(classes), set.classes);
  const auto trained = static_cast<std::int64_t>(count - last);
  const Dataset train = all.subset(0, trained);
  const Dataset test = all.subset(trained, all.size());
  if (options.validation || options.test) return divided({train, {}, test}, options);
  const std::int64_t kept = trained - usual_validation(trained);
  return {train.subset(0, kept), train.subset(kept, trained), test};
}

}  // namespace evenkeel::datasets
