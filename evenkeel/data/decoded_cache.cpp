// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/decoded_cache.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/content_digest.h"
#include "evenkeel/formats/gzip.h"
#include "evenkeel/formats/idx.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorthKeeping = 64 * 1024;  // compressed bytes; below, inflating is as quick

// The start of an entry, in this machine's own byte order; another order fails at the magic number.
struct Header {
  std::uint64_t magic = 0x31646f6365646b65;  // "ekdecod1"
  std::uint64_t source_size = 0;
  std::int64_t source_modified_ns = 0;
  std::int64_t source_changed_ns = 0;
  std::uint64_t content_size = 0;
  std::uint64_t content_digest = 0;
  std::uint64_t path_size = 0;  // the source's path follows, then the content
  std::uint64_t unused = 0;
};
static_assert(sizeof(Header) == 64);

Header header_of(const os::FileIdentity& source, const std::string& path,
                 std::span<const std::byte> content) {
  Header header;
  header.source_size = source.size;
  header.source_modified_ns = source.modified_ns;
  header.source_changed_ns = source.changed_ns;
  header.content_size = content.size();
  header.content_digest = content_digest(content);
  header.path_size = path.size();
  return header;
}

std::optional<DecodedFile> find_entry(const fs::path& entry, const os::FileIdentity& source,
                                      const std::string& path) {
  if (!os::file_identity(entry)) return std::nullopt;
  auto file = std::make_shared<const os::MappedFile>(entry);
  const os::Bytes bytes = file->bytes();
  const std::size_t start = sizeof(Header) + path.size();
  if (bytes.size() < start) return std::nullopt;
  const os::Bytes content = bytes.subspan(start);

  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  // Cheap checks before the one that reads everything.
  if (header.source_modified_ns != source.modified_ns || header.content_size != content.size() ||
      std::memcmp(bytes.data() + sizeof header, path.data(), path.size()) != 0)
    return std::nullopt;
  const Header expected = header_of(source, path, content);
  if (std::memcmp(&header, &expected, sizeof header) != 0) return std::nullopt;
  return DecodedFile{std::move(file), content};
}

void write_entry(const fs::path& entry, const os::FileIdentity& source, const std::string& path,
                 std::span<const std::byte> content) {
  const Header header = header_of(source, path, content);
  const std::array<os::Bytes, 3> chunks = {std::as_bytes(std::span(&header, 1)),
                                           std::as_bytes(std::span(path)), content};
  os::make_directories(entry.parent_path());
  os::write_file_atomically(entry, chunks, os::Durable::no);
  keep_newest(entry.parent_path());
}

std::size_t rank_of(std::span<const std::byte> idx) {
  return idx.size() < 4 ? 0 : std::to_integer<std::size_t>(idx[3]);
}

DecodedFile owned(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view = *owner;
  return {std::move(owner), view};
}

}  // namespace

fs::path decoded_entry(const fs::path& source, const fs::path& cache_folder) {
  return entry_path(cache_folder, source.stem().string(), full_path(source));
}

DecodedFile read_decoded(const fs::path& source, const fs::path& cache_folder) {
  const auto before = os::file_identity(source);
  if (cache_folder.empty() || !before || before->size < kWorthKeeping)
    return owned(read_maybe_gzip(source));

  const fs::path entry = decoded_entry(source, cache_folder);
  const std::string path = full_path(source);
  try {
    if (auto found = find_entry(entry, *before, path)) return std::move(*found);
  } catch (const Error&) {  // an entry that cannot be read is as good as none
  }
  std::vector<std::byte> content = read_maybe_gzip(source);
  const bool was_compressed = content.size() != before->size;
  if (was_compressed && os::file_identity(source) == before) {
    try {
      parse_idx(content, rank_of(content), path);
      write_entry(entry, *before, path, content);
    } catch (const Error&) {  // a full disk or a read-only home: the content is here all the same
    } catch (const fs::filesystem_error&) {
    }
  }
  return owned(std::move(content));
}

}  // namespace evenkeel::datasets
