// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/npz.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/little_endian.h"

namespace evenkeel {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18;
constexpr std::string_view kExtension = ".npy";

std::string dtype_name(const NpyHeader& header) {
  const std::string bits = std::to_string(header.item_bytes * 8);
  switch (header.kind()) {
    case 'u':
      return "uint" + bits;
    case 'i':
      return "int" + bits;
    case 'f':
      return "float" + bits;
    case 'b':
      return "bool";
    case 'O':
      return "object";
    default:
      return header.descr.empty() ? "a structured dtype" : "dtype '" + header.descr + "'";
  }
}

// One element, the most significant byte first where descr begins with '>'.
std::int64_t integer_at(std::span<const std::byte> bytes, std::size_t at, const NpyHeader& header,
                        const std::string& where) {
  const auto count = static_cast<std::size_t>(header.item_bytes);
  std::uint64_t value = 0;
  if (header.descr[0] == '>') {
    for (std::size_t i = 0; i < count; ++i)
      value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
  } else {
    value = little_endian(bytes, at, count);
  }
  if (header.kind() != 'i') {
    if (value >> 63 != 0) throw DataError(where, "expected numbers below 2^63, one is larger");
    return static_cast<std::int64_t>(value);
  }
  const std::size_t spare = 64 - 8 * count;  // carries the sign up
  return static_cast<std::int64_t>(value << spare) >> spare;
}

}  // namespace

std::string describe(const NpzArray& array) {
  std::string shape;
  for (const std::int64_t extent : array.header.shape)
    shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  if (array.header.shape.size() == 1) shape += ",";
  return dtype_name(array.header) + " (" + shape + ")";
}

Npz::Npz(ByteSource source, std::string where)
    : source_(std::move(source)),
      where_(std::move(where)),
      entries_(zip_entries(source_, where_)) {}

std::vector<std::string> Npz::names() const {
  std::vector<std::string> names;
  for (const ZipEntry& entry : entries_)
    if (entry.name.ends_with(kExtension))
      names.push_back(entry.name.substr(0, entry.name.size() - kExtension.size()));
  return names;
}

std::optional<NpzArray> Npz::find(const std::string& name) const {
  const std::string file = name + std::string(kExtension);
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const ZipEntry& each) { return each.name == file; });
  if (entry == entries_.end()) return std::nullopt;
  const std::string where = where_ + ": " + name;
  ZipStream stream(source_, *entry, where);
  NpzArray array{name, {}, *entry};
  array.header =
      read_npy_header([&](std::span<std::byte> into) { stream.read(into); }, stream.left(), where);
  return array;
}

void Npz::read(const NpzArray& array, const Take& take) const {
  ZipStream stream(source_, array.entry, where_ + ": " + array.name);
  std::vector<std::byte> piece(array.header.size);
  stream.read(piece);
  while (stream.left() > 0) {
    piece.resize(std::min<std::uint64_t>(kPiece, stream.left()));
    stream.read(piece);
    take(piece);
  }
}

std::vector<std::int64_t> Npz::integers(const NpzArray& array) const {
  const std::string where = where_ + ": " + array.name;
  const NpyHeader& header = array.header;
  const bool integer = header.kind() == 'u' || header.kind() == 'i' || header.kind() == 'b';
  const auto bytes = static_cast<std::size_t>(header.item_bytes);
  if (!integer || !(bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)) {
    throw DataError(where, "expected integers, got " + describe(array) +
                               "; save them with .astype('int64')" +
                               (header.kind() == 'O' ? ", arrays of objects are not read" : ""));
  }
  std::vector<std::int64_t> values;
  values.reserve((array.entry.size - header.size) / bytes);
  read(array, [&](std::span<const std::byte> piece) {  // pieces are whole multiples of an element
    for (std::size_t at = 0; at < piece.size(); at += bytes)
      values.push_back(integer_at(piece, at, header, where));
  });
  return values;
}

}  // namespace evenkeel
