// SPDX-License-Identifier: Apache-2.0
#include "tests/support/npz_files.h"

#include <zlib.h>

#include <stdexcept>

#include "evenkeel/base/crc32.h"

namespace evenkeel::test {
namespace {

void put(ByteVector& file, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}

void put(ByteVector& file, const std::string& text) {
  for (const char c : text) file.push_back(static_cast<std::byte>(c));
}

ByteVector deflated(std::span<const std::byte> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  ByteVector result(deflateBound(&stream, bytes.size()) + 32);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  const int status = deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate");
  return result;
}

// What the local header and the directory have in common, from "version needed" on.
void put_entry(ByteVector& file, const ZipPart& part, std::uint64_t packed, const ZipKind& kind,
               std::size_t extra) {
  put(file, kind.zip64 ? 45 : 20, 2);
  put(file, 0, 2);  // flags
  put(file, kind.deflated ? 8 : 0, 2);
  put(file, 0, 4);  // time and date
  put(file, crc32(part.content), 4);
  put(file, kind.zip64 ? 0xffffffff : packed, 4);
  put(file, kind.zip64 ? 0xffffffff : part.content.size(), 4);
  put(file, part.name.size(), 2);
  put(file, extra, 2);
}

}  // namespace

ByteVector zip_file(const std::vector<ZipPart>& parts, const ZipKind& kind) {
  ByteVector file;
  ByteVector directory;
  for (const ZipPart& part : parts) {
    const ByteVector packed = kind.deflated ? deflated(part.content) : part.content;
    const std::uint64_t offset = file.size();
    put(file, 0x04034b50, 4);
    put_entry(file, part, packed.size(), kind, kind.zip64 ? 20 : 0);
    put(file, part.name);
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    put_entry(directory, part, packed.size(), kind, kind.zip64 ? 28 : 0);
    put(directory, 0, 2);  // comment
    put(directory, 0, 8);  // disk and attributes
    put(directory, kind.zip64 ? 0xffffffff : offset, 4);
    put(directory, part.name);
    if (kind.zip64) {
      for (ByteVector* each : {&file, &directory}) {
        put(*each, 1, 2);
        put(*each, each == &file ? 16 : 24, 2);
        put(*each, part.content.size(), 8);
        put(*each, packed.size(), 8);
      }
      put(directory, offset, 8);
    }
    file.insert(file.end(), packed.begin(), packed.end());
  }
  const std::uint64_t start = file.size();
  file.insert(file.end(), directory.begin(), directory.end());
  const std::uint64_t end = file.size();
  if (kind.zip64) {
    put(file, 0x06064b50, 4);
    put(file, 44, 8);
    put(file, 45 | 45 << 16, 4);  // versions
    put(file, 0, 8);              // disks
    put(file, parts.size(), 8);
    put(file, parts.size(), 8);
    put(file, directory.size(), 8);
    put(file, start, 8);
    put(file, 0x07064b50, 4);
    put(file, 0, 4);
    put(file, end, 8);
    put(file, 1, 4);
  }
  put(file, 0x06054b50, 4);
  put(file, 0, 4);  // disks
  put(file, parts.size(), 2);
  put(file, parts.size(), 2);
  put(file, directory.size(), 4);
  put(file, kind.zip64 ? 0xffffffff : start, 4);
  put(file, 0, 2);  // comment
  return file;
}

ByteVector npy_file_of(const std::string& dictionary, std::span<const std::byte> elements) {
  std::string header = dictionary;
  header += std::string(64 - (10 + header.size() + 1) % 64, ' ') + "\n";
  ByteVector file;
  put(file, "\x93NUMPY");
  put(file, 1, 2);
  put(file, header.size(), 2);
  put(file, header);
  file.insert(file.end(), elements.begin(), elements.end());
  return file;
}

ByteVector npy_file(const std::string& descr, const std::string& shape,
                    std::span<const std::byte> elements) {
  return npy_file_of("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }",
                     elements);
}

ByteVector npy_bytes(const std::string& shape, const std::vector<std::uint8_t>& elements) {
  return npy_file("|u1", shape, std::as_bytes(std::span(elements)));
}

ByteVector npy_labels(const std::vector<std::int64_t>& labels) {
  return npy_file("<i8", "(" + std::to_string(labels.size()) + ",)",
                  std::as_bytes(std::span(labels)));
}

std::filesystem::path write_npz(const std::filesystem::path& path, std::size_t train_count,
                                std::size_t test_count, bool deflated) {
  std::vector<ZipPart> parts;
  std::uint64_t seed = 2;
  for (const auto& [name, count] :
       {std::pair{std::string("train"), train_count}, std::pair{std::string("test"), test_count}}) {
    const auto labels = small_labels(count, seed);
    const auto images = small_images(labels, seed++);
    parts.push_back(
        {"x_" + name + ".npy", npy_bytes("(" + std::to_string(count) + ", 28, 28)", images)});
    parts.push_back({"y_" + name + ".npy", npy_bytes("(" + std::to_string(count) + ",)", labels)});
  }
  write_bytes(path, zip_file(parts, {.deflated = deflated}));
  return path;
}

}  // namespace evenkeel::test
