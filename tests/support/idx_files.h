// SPDX-License-Identifier: Apache-2.0
// Small IDX data sets in temporary folders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace evenkeel::test {

// A new folder under the system's temporary one, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

using ByteVector = std::vector<std::byte>;

ByteVector bytes_of(const std::string& text);
void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes);
ByteVector read_bytes(const std::filesystem::path& path);
ByteVector gzip(std::span<const std::byte> bytes);

// {0, 0, 8, rank}, the dimensions, the values.
ByteVector idx_file(std::initializer_list<std::uint32_t> dims,
                    std::span<const std::uint8_t> values);

// Labels 0..9 in a mixed order, and images that a network can learn: two bright rows at the place
// of the label, in noise. The same seed gives the same set.
std::vector<std::uint8_t> small_labels(std::size_t count, std::uint64_t seed);
std::vector<std::uint8_t> small_images(std::span<const std::uint8_t> labels, std::uint64_t seed);

// The four files of a set, compressed, in <directory>/<name>/; returns that folder.
std::filesystem::path write_idx_set(const std::filesystem::path& directory, const std::string& name,
                                    std::size_t train_count, std::size_t test_count,
                                    std::uint64_t seed = 1);

}  // namespace evenkeel::test
