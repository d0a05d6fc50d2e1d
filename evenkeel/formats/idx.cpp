// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/idx.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/checked_size.h"
#include "evenkeel/formats/gzip.h"

namespace evenkeel {
namespace {

constexpr std::size_t kLimit = std::size_t{2} << 30;
constexpr std::uint32_t kUnsignedByte = 0x08;
constexpr std::size_t kLongestHeader = 4 + 4 * 4;

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

std::string hex(std::uint32_t value) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(value));
  return text;
}

[[noreturn]] void fail(const std::string& where, const std::string& expected,
                       const std::string& got) {
  throw DataError(where, "expected " + expected + ", got " + got + "; get the file again");
}

// Of a content that begins so: how many bytes it has; none where that cannot be told.
std::optional<std::size_t> stated_size(std::span<const std::byte> start) {
  if (start.size() < 4 || big_endian(start, 0) >> 8 != kUnsignedByte) return std::nullopt;
  const auto rank = std::to_integer<std::size_t>(start[3]);
  const std::size_t header = 4 + 4 * rank;
  if (rank == 0 || start.size() < header) return std::nullopt;
  std::vector<std::int64_t> dims(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) dims[axis] = big_endian(start, 4 + 4 * axis);
  const auto stated = checked_product(dims);
  if (!stated) return std::nullopt;
  return header + static_cast<std::size_t>(*stated);
}

}  // namespace

IdxView parse_idx(std::span<const std::byte> bytes, std::size_t rank, const std::string& where) {
  const std::string kind = rank == 1 ? "an IDX file of labels" : "an IDX file of images";
  if (bytes.empty()) fail(where, kind, "an empty file");
  const std::size_t header = 4 + 4 * rank;
  if (bytes.size() < header) {
    fail(where, kind + " with a header of " + std::to_string(header) + " bytes",
         "a file of " + std::to_string(bytes.size()));
  }
  const std::uint32_t magic = kUnsignedByte << 8 | static_cast<std::uint32_t>(rank);
  if (big_endian(bytes, 0) != magic)
    fail(where, kind + " with magic number " + hex(magic), hex(big_endian(bytes, 0)));

  std::vector<std::int64_t> dims(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) dims[axis] = big_endian(bytes, 4 + 4 * axis);
  const auto stated = checked_product(dims);
  const std::span<const std::byte> data = bytes.subspan(header);
  if (!stated || static_cast<std::size_t>(*stated) != data.size()) {
    fail(where,
         (stated ? std::to_string(*stated) : "more than 2^63") + " bytes of data for the stated " +
             "shape " + to_string(Shape(dims)),
         std::to_string(data.size()));
  }
  return {Shape(std::move(dims)),
          {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()}};
}

std::vector<std::byte> read_maybe_gzip(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = os::read_file(path, kLimit);
  if (!is_gzip(bytes)) return bytes;
  std::vector<std::byte> start = gunzip_start(bytes, kLongestHeader);
  const auto stated = stated_size(start);
  if (!stated && start.size() == kLongestHeader) return start;
  return gunzip(bytes, path.string(), std::min(kLimit, stated.value_or(kLongestHeader)));
}

}  // namespace evenkeel
