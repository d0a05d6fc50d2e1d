// SPDX-License-Identifier: Apache-2.0
#include "tests/support/idx_files.h"

#include <stdlib.h>  // NOLINT: mkdtemp is POSIX, <cstdlib> need not have it
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "evenkeel/base/random.h"

namespace evenkeel::test {
namespace {

constexpr std::size_t kIdxSide = 28;

void write_pair(const std::filesystem::path& folder, const std::string& prefix, std::size_t count,
                std::uint64_t seed) {
  const auto labels = small_labels(count, seed);
  const auto images = small_images(labels, seed);
  const auto n = static_cast<std::uint32_t>(count);
  write_bytes(folder / (prefix + "-images-idx3-ubyte.gz"),
              gzip(idx_file({n, kIdxSide, kIdxSide}, images)));
  write_bytes(folder / (prefix + "-labels-idx1-ubyte.gz"), gzip(idx_file({n}, labels)));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "evenkeel-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ByteVector bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

ByteVector read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return bytes_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

ByteVector gzip(std::span<const std::byte> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
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

ByteVector idx_file(std::initializer_list<std::uint32_t> dims,
                    std::span<const std::uint8_t> values) {
  ByteVector bytes = {std::byte{0}, std::byte{0}, std::byte{8},
                      static_cast<std::byte>(dims.size())};
  for (const std::uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<std::byte>(dim >> shift & 0xff));
  const auto data = std::as_bytes(values);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

std::vector<std::uint8_t> small_labels(std::size_t count, std::uint64_t seed) {
  const Random random(seed, Purpose::test, 1);
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i)
    labels[i] = static_cast<std::uint8_t>(random.below(i, 10));
  return labels;
}

std::vector<std::uint8_t> small_images(std::span<const std::uint8_t> labels, std::uint64_t seed) {
  const Random random(seed, Purpose::test, 2);
  std::vector<std::uint8_t> pixels(labels.size() * kIdxSide * kIdxSide);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t row = i / kIdxSide % kIdxSide;
    const std::size_t label = labels[i / (kIdxSide * kIdxSide)];
    const bool bright = row / 2 == label + 2;
    pixels[i] = static_cast<std::uint8_t>((bright ? 160 : 0) + random.below(i, 96));
  }
  return pixels;
}

std::filesystem::path write_idx_set(const std::filesystem::path& directory, const std::string& name,
                                    std::size_t train_count, std::size_t test_count,
                                    std::uint64_t seed) {
  std::filesystem::path folder = directory / name;
  write_pair(folder, "train", train_count, 2 * seed);
  write_pair(folder, "t10k", test_count, 2 * seed + 1);
  return folder;
}

}  // namespace evenkeel::test
