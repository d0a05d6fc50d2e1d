// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz: a ZIP file of .npy arrays, as numpy.savez and savez_compressed write it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/formats/byte_source.h"
#include "evenkeel/formats/npy.h"
#include "evenkeel/formats/zip.h"

namespace evenkeel {

struct NpzArray {
  std::string name;  // without ".npy"
  NpyHeader header;
  ZipEntry entry;
};

// "uint8 (60000, 28, 28)"
EVENKEEL_API std::string describe(const NpzArray& array);

class EVENKEEL_API Npz {
 public:
  // Reads the file's directory. DataError naming `where` where it is damaged.
  Npz(ByteSource source, std::string where);
  explicit Npz(const std::filesystem::path& path) : Npz(file_source(path), path.string()) {}

  // Of the arrays, in the file's order.
  std::vector<std::string> names() const;
  // Its header read and checked; nothing where there is none of this name.
  std::optional<NpzArray> find(const std::string& name) const;

  // The elements' bytes in order, at most 256 kB at a time. DataError where they are damaged; what
  // was given before is then not to be used.
  using Take = std::function<void(std::span<const std::byte>)>;
  void read(const NpzArray& array, const Take& take) const;
  // The elements of any integer or bool dtype; of 64 bits without sign those below 2^63. DataError
  // for others, which says what to do.
  std::vector<std::int64_t> integers(const NpzArray& array) const;

 private:
  ByteSource source_;
  std::string where_;
  std::vector<ZipEntry> entries_;
};

}  // namespace evenkeel
