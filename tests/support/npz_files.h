// SPDX-License-Identifier: Apache-2.0
// ZIP, .npy and .npz files made in memory, so that tests need no NumPy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tests/support/idx_files.h"

namespace evenkeel::test {

struct ZipPart {
  std::string name;
  ByteVector content;
};
struct ZipKind {
  bool deflated = false;
  bool zip64 = false;  // sizes and offsets in the extra fields, as of files over 4 GiB
};
ByteVector zip_file(const std::vector<ZipPart>& parts, const ZipKind& kind = {});

// Version 1, with `dictionary` as its header: "{'descr': '|u1', …}".
ByteVector npy_file_of(const std::string& dictionary, std::span<const std::byte> elements);
// shape: "(3, 2)".
ByteVector npy_file(const std::string& descr, const std::string& shape,
                    std::span<const std::byte> elements);
ByteVector npy_bytes(const std::string& shape, const std::vector<std::uint8_t>& elements);
ByteVector npy_labels(const std::vector<std::int64_t>& labels);

// x_train, y_train, x_test, y_test of small_images: 28x28 grey, labels 0 to 9.
std::filesystem::path write_npz(const std::filesystem::path& path, std::size_t train_count,
                                std::size_t test_count, bool deflated = true);

}  // namespace evenkeel::test
