// SPDX-License-Identifier: Apache-2.0
// Small sets in the binary version of CIFAR-10 and CIFAR-100.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tests/support/idx_files.h"

namespace evenkeel::test {

// `labels`, then 32x32 bytes of red, green and blue: a value that tells channel, row, column and
// `seed` apart.
ByteVector cifar_record(std::span<const std::uint8_t> labels, std::uint64_t seed);
std::uint8_t cifar_value(std::uint64_t seed, std::size_t row, std::size_t column,
                         std::size_t channel);

// data_batch_1.bin to data_batch_5.bin of `per_batch` images and test_batch.bin, in
// <directory>/<folder>/, which is returned. Image i of all, test images last, has label i % 10 and
// seed i.
std::filesystem::path write_cifar10(const std::filesystem::path& directory, std::size_t per_batch,
                                    std::size_t test_count, const std::string& folder = "cifar10");
// train.bin and test.bin; image i has the coarse label i % 20 and the fine label i % 100.
std::filesystem::path write_cifar100(const std::filesystem::path& directory,
                                     std::size_t train_count, std::size_t test_count,
                                     const std::string& folder = "cifar100");

}  // namespace evenkeel::test
