// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cifar_files.h"

#include <array>

namespace evenkeel::test {
namespace {

constexpr std::size_t kSide = 32;

template <typename Labels>
void write_records(const std::filesystem::path& path, std::size_t first, std::size_t count,
                   Labels labels_of) {
  ByteVector file;
  for (std::size_t i = first; i < first + count; ++i) {
    const auto record = cifar_record(labels_of(i), i);
    file.insert(file.end(), record.begin(), record.end());
  }
  write_bytes(path, file);
}

}  // namespace

std::uint8_t cifar_value(std::uint64_t seed, std::size_t row, std::size_t column,
                         std::size_t channel) {
  return static_cast<std::uint8_t>(seed * 7 + row * 5 + column * 3 + channel * 85);
}

ByteVector cifar_record(std::span<const std::uint8_t> labels, std::uint64_t seed) {
  const auto first = std::as_bytes(labels);
  ByteVector record(first.begin(), first.end());
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t row = 0; row < kSide; ++row)
      for (std::size_t column = 0; column < kSide; ++column)
        record.push_back(std::byte{cifar_value(seed, row, column, channel)});
  return record;
}

std::filesystem::path write_cifar10(const std::filesystem::path& directory, std::size_t per_batch,
                                    std::size_t test_count, const std::string& folder) {
  const auto labels_of = [](std::size_t i) {
    return std::array{static_cast<std::uint8_t>(i % 10)};
  };
  std::filesystem::path path = directory / folder;
  for (std::size_t batch = 0; batch < 5; ++batch)
    write_records(path / ("data_batch_" + std::to_string(batch + 1) + ".bin"), batch * per_batch,
                  per_batch, labels_of);
  write_records(path / "test_batch.bin", 5 * per_batch, test_count, labels_of);
  return path;
}

std::filesystem::path write_cifar100(const std::filesystem::path& directory,
                                     std::size_t train_count, std::size_t test_count,
                                     const std::string& folder) {
  const auto labels_of = [](std::size_t i) {
    return std::array{static_cast<std::uint8_t>(i % 20), static_cast<std::uint8_t>(i % 100)};
  };
  std::filesystem::path path = directory / folder;
  write_records(path / "train.bin", 0, train_count, labels_of);
  write_records(path / "test.bin", train_count, test_count, labels_of);
  return path;
}

}  // namespace evenkeel::test
