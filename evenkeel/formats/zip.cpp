// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/zip.h"

#include <algorithm>
#include <optional>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/little_endian.h"

namespace evenkeel {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kEndSize = 22;  // of the record at the end, without its comment
constexpr std::uint64_t kMostComment = 65535;
constexpr std::uint64_t kMostDirectory = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestDeflation = 1032;  // deflate cannot expand further
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint64_t kIn64 = 0xffffffff;  // the number is in the ZIP64 part

[[noreturn]] void fail_zip(const std::string& where, const std::string& what) {
  throw DataError(where, "expected a whole ZIP file (.npz), but " + what + "; write it again");
}

std::vector<std::byte> bytes_at(const ByteSource& source, std::uint64_t offset, std::uint64_t count,
                                const std::string& where) {
  if (offset > source.size || count > source.size - offset) fail_zip(where, "it is cut short");
  std::vector<std::byte> bytes(count);
  source.read(offset, bytes);
  return bytes;
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Directory directory64(const ByteSource& source, std::uint64_t end, const std::string& where) {
  if (end < 20) fail_zip(where, "its ZIP64 directory is missing");
  const auto locator = bytes_at(source, end - 20, 20, where);
  if (little_endian(locator, 0, 4) != kLocator64) fail_zip(where, "its ZIP64 directory is missing");
  const auto record = bytes_at(source, little_endian(locator, 8, 8), 56, where);
  if (little_endian(record, 0, 4) != kEnd64) fail_zip(where, "its ZIP64 directory is damaged");
  return {little_endian(record, 48, 8), little_endian(record, 40, 8)};
}

Directory find_directory(const ByteSource& source, const std::string& where) {
  if (source.size < kEndSize)
    fail_zip(where, "it has only " + std::to_string(source.size) + " bytes");
  const std::uint64_t start = source.size - std::min(source.size, kEndSize + kMostComment);
  const auto tail = bytes_at(source, start, source.size - start, where);
  for (std::size_t at = tail.size() - kEndSize + 1; at-- > 0;) {
    if (little_endian(tail, at, 4) != kEnd) continue;
    if (at + kEndSize + little_endian(tail, at + 20, 2) != tail.size()) continue;
    if (little_endian(tail, at + 4, 2) != little_endian(tail, at + 6, 2))
      fail_zip(where, "it is one of several parts");
    const Directory found = {little_endian(tail, at + 16, 4), little_endian(tail, at + 12, 4)};
    const bool large = found.offset == kIn64 || found.size == kIn64;
    return large ? directory64(source, start + at, where) : found;
  }
  fail_zip(where, "it does not end like one");
}

// Replaces the numbers that did not fit by those of the extra field, which has just them, in this
// order.
void take_zip64(Bytes extra, std::initializer_list<std::uint64_t*> numbers,
                const std::string& where) {
  if (std::none_of(numbers.begin(), numbers.end(), [](auto* number) { return *number == kIn64; }))
    return;
  while (extra.size() >= 4) {
    const std::uint64_t kind = little_endian(extra, 0, 2);
    const std::uint64_t size = little_endian(extra, 2, 2);
    extra = extra.subspan(4);
    if (size > extra.size()) break;
    if (kind != 1) {
      extra = extra.subspan(size);
      continue;
    }
    Bytes field = extra.first(size);
    for (std::uint64_t* number : numbers) {
      if (*number != kIn64) continue;
      if (field.size() < 8) break;
      *number = little_endian(field, 0, 8);
      field = field.subspan(8);
    }
    return;
  }
  fail_zip(where, "the size of an entry is missing");
}

void check_entry(const ZipEntry& entry, std::uint64_t flags, std::uint64_t method,
                 const std::string& where) {
  if ((flags & 1) != 0) fail_zip(where, "'" + entry.name + "' is encrypted");
  if (method != 0 && method != 8)
    fail_zip(where, "'" + entry.name + "' is packed by method " + std::to_string(method) +
                        ", neither stored nor deflated");
  const bool fits = entry.deflated ? entry.size / kLargestDeflation <= entry.packed_size
                                   : entry.size == entry.packed_size;
  if (!fits)
    fail_zip(where, "'" + entry.name + "' says it has " + std::to_string(entry.size) +
                        " bytes, more than its " + std::to_string(entry.packed_size) + " can hold");
}

// Where its bytes begin, behind a local header whose names may be of other lengths.
std::uint64_t data_of(const ByteSource& source, std::uint64_t header, const ZipEntry& entry,
                      const std::string& where) {
  const auto local = bytes_at(source, header, 30, where);
  if (little_endian(local, 0, 4) != kLocal)
    fail_zip(where, "'" + entry.name + "' is not where its directory says");
  const std::uint64_t data =
      header + 30 + little_endian(local, 26, 2) + little_endian(local, 28, 2);
  if (data > source.size || entry.packed_size > source.size - data)
    fail_zip(where, "'" + entry.name + "' is cut short");
  return data;
}

}  // namespace

std::vector<ZipEntry> zip_entries(const ByteSource& source, const std::string& where) {
  const Directory directory = find_directory(source, where);
  if (directory.size > kMostDirectory) fail_zip(where, "its directory is too large");
  const auto bytes = bytes_at(source, directory.offset, directory.size, where);
  std::vector<ZipEntry> entries;
  for (Bytes rest = bytes; !rest.empty();) {
    if (rest.size() < 46 || little_endian(rest, 0, 4) != kCentral)
      fail_zip(where, "its directory is damaged");
    const std::uint64_t name_size = little_endian(rest, 28, 2);
    const std::uint64_t extra_size = little_endian(rest, 30, 2);
    const std::uint64_t all = 46 + name_size + extra_size + little_endian(rest, 32, 2);
    if (all > rest.size()) fail_zip(where, "its directory is damaged");
    ZipEntry entry;
    const auto* const name = reinterpret_cast<const char*>(rest.data() + 46);
    entry.name.assign(name, name_size);
    const std::uint64_t flags = little_endian(rest, 8, 2);
    const std::uint64_t method = little_endian(rest, 10, 2);
    entry.deflated = method == 8;
    entry.crc = static_cast<std::uint32_t>(little_endian(rest, 16, 4));
    entry.packed_size = little_endian(rest, 20, 4);
    entry.size = little_endian(rest, 24, 4);
    std::uint64_t header = little_endian(rest, 42, 4);
    take_zip64(rest.subspan(46 + name_size, extra_size), {&entry.size, &entry.packed_size, &header},
               where);
    check_entry(entry, flags, method, where);
    entry.data = data_of(source, header, entry, where);
    entries.push_back(std::move(entry));
    rest = rest.subspan(all);
  }
  return entries;
}

}  // namespace evenkeel
