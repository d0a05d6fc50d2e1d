// SPDX-License-Identifier: Apache-2.0
// ZIP files (PKWARE APPNOTE 6.3), read: stored and deflated entries, ZIP64 sizes. Encrypted and
// split ones are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/formats/byte_source.h"

namespace evenkeel {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;          // of the content
  std::uint64_t packed_size = 0;  // in the file
  std::uint64_t size = 0;         // of the content; no more than the packed bytes can hold
  std::uint64_t data = 0;         // where its packed bytes begin in the file
};

// In the order of the file's directory. DataError naming `where` for what is no ZIP file, damaged,
// or of a kind that is not read.
std::vector<ZipEntry> zip_entries(const ByteSource& source, const std::string& where);

// The content of one entry from its start, a piece at a time; `source` must outlive it.
class ZipStream {
 public:
  ZipStream(const ByteSource& source, const ZipEntry& entry, const std::string& where);
  ~ZipStream();
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;

  std::uint64_t left() const;
  // Fills `into`, which may ask for no more than left(). With the last byte length and CRC-32 are
  // checked. DataError when the entry is damaged.
  void read(std::span<std::byte> into);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
