// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/made_content.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/content_digest.h"
#include "evenkeel/formats/sha256.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kWorthMaking = 64 * 1024;
constexpr std::uint64_t kMostInMemory = std::uint64_t{4} << 30;
// Entries are synced before they get their name; of larger ones that has to do.
constexpr std::uint64_t kMostDigested = std::uint64_t{1} << 30;

// The start of an entry, in this machine's byte order; the key's text and the content follow.
struct MadeHeader {
  std::uint64_t magic = 0x316564616d6b65;  // "ekmade1"
  std::uint64_t content_size = 0;
  std::uint64_t content_digest = 0;
  std::uint64_t key_size = 0;
};
static_assert(sizeof(MadeHeader) == 32);

os::Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string text_of(const ContentKey& key) {
  return key.form + "\n" + full_path(key.source) + "\n" + key.depends_on + "\n";
}

std::optional<DecodedFile> find_entry(const fs::path& entry, const std::string& text) {
  if (!os::file_identity(entry)) return std::nullopt;
  auto file = std::make_shared<const os::MappedFile>(entry);
  const os::Bytes bytes = file->bytes();
  const std::size_t start = sizeof(MadeHeader) + text.size();
  if (bytes.size() < start) return std::nullopt;
  MadeHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const os::Bytes content = bytes.subspan(start);
  if (header.magic != MadeHeader{}.magic || header.key_size != text.size() ||
      header.content_size != content.size() ||
      std::memcmp(bytes.data() + sizeof header, text.data(), text.size()) != 0)
    return std::nullopt;
  if (content.size() <= kMostDigested && header.content_digest != content_digest(content))
    return std::nullopt;
  return DecodedFile{std::move(file), content};
}

// Thrown through `make` where the entry cannot be written, so that no error of its own is mistaken
// for it.
struct CannotKeep {
  std::string reason;
};

void write_entry(const fs::path& entry, const std::string& text, const Make& make) {
  const auto kept = [&](auto&& write) {
    try {
      write();
    } catch (const Error& error) {
      throw CannotKeep{error.what()};
    } catch (const fs::filesystem_error& error) {
      throw CannotKeep{error.what()};
    }
  };
  std::optional<os::StagedFile> file;
  MadeHeader header;
  header.key_size = text.size();
  kept([&] {
    os::make_directories(entry.parent_path());
    file.emplace(entry);
    file->append(std::as_bytes(std::span(&header, 1)));
    file->append(bytes_of(text));
  });
  ContentDigest digest;
  make([&](os::Bytes piece) {
    digest.update(piece);
    header.content_size += piece.size();
    kept([&] { file->append(piece); });
  });
  header.content_digest = digest.value();
  kept([&] {
    file->write_at(0, std::as_bytes(std::span(&header, 1)));
    file->commit();
    keep_newest(entry.parent_path());
  });
}

DecodedFile in_memory(const ContentKey& key, const Make& make) {
  auto owner = std::make_shared<std::vector<std::byte>>();
  owner->reserve(key.bytes);
  make([&](os::Bytes piece) { owner->insert(owner->end(), piece.begin(), piece.end()); });
  const os::Bytes content = *owner;
  return {std::move(owner), content};
}

}  // namespace

DecodedFile made_content(const ContentKey& key, const fs::path& cache_folder, const Make& make) {
  if (cache_folder.empty() || key.bytes < kWorthMaking) return in_memory(key, make);
  const std::string text = text_of(key);
  const std::string source = full_path(key.source);
  const fs::path entry = entry_path(cache_folder, fs::path(source).stem().string(), source);
  const auto found = [&]() -> std::optional<DecodedFile> {
    try {
      return find_entry(entry, text);
    } catch (const Error&) {  // an entry that cannot be read is as good as none
      return std::nullopt;
    }
  };
  if (auto there = found()) return std::move(*there);
  try {
    write_entry(entry, text, make);
    if (auto there = found()) return std::move(*there);
  } catch (const CannotKeep& failure) {
    if (key.bytes > kMostInMemory)
      throw RuntimeFailure(
          key.source.string(),
          "its pixels are too many for memory and could not be kept in the cache: " +
              failure.reason);
  }
  return in_memory(key, make);
}

std::string identities_of(std::span<const fs::path> files, const fs::path& base) {
  std::string text;
  for (const fs::path& file : files) {
    const auto identity = os::file_identity(file);
    if (!identity) throw DataError(file.string(), "expected a file, it is gone");
    const std::string& path = file.native();
    const bool below = path.starts_with(base.native());
    text += path.substr(below ? base.native().size() : 0) + '\0' + std::to_string(identity->size) +
            " " + std::to_string(identity->modified_ns) + " " +
            std::to_string(identity->changed_ns) + "\n";
  }
  return sha256(std::as_bytes(std::span(text)));
}

}  // namespace evenkeel::datasets
