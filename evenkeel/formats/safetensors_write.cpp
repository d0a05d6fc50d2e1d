// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "evenkeel/base/crc32.h"
#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/checked_size.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/formats/safetensors_dtype.h"

namespace evenkeel {
namespace {

using Json = nlohmann::json;  // its objects keep their keys sorted

using Named = const TensorViews::value_type*;

constexpr std::size_t kBlock = std::size_t{1} << 18;  // bytes read back at a time

std::string checksum_text(std::uint32_t crc) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(crc));
  return text;
}

void check_size(const std::string& name, const TensorView& tensor) {
  const auto size =
      checked_product(tensor.shape.dims(), static_cast<std::int64_t>(size_of(tensor.dtype)));
  if (tensor.shape.dynamic() || !size || static_cast<std::size_t>(*size) != tensor.bytes.size()) {
    throw InvalidArgument("tensor '" + name + "'", "expected the bytes of shape " +
                                                       to_string(tensor.shape) + ", got " +
                                                       std::to_string(tensor.bytes.size()));
  }
  if (name == "__metadata__")
    throw InvalidArgument("safetensors", "a tensor cannot be named __metadata__; rename it");
}

// What the header says of a tensor.
struct EntryToWrite {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  std::uint64_t begin = 0;  // from the end of the header
  std::uint64_t end = 0;
  std::string checksum;  // empty: none
};

// Largest elements first: every tensor then starts at a multiple of its element size, which
// PyTorch asks for.
std::vector<Named> data_order(const TensorViews& tensors) {
  std::vector<Named> order;
  for (const auto& named : tensors) order.push_back(&named);
  std::stable_sort(order.begin(), order.end(), [](Named a, Named b) {
    return size_of(a->second.dtype) > size_of(b->second.dtype);
  });
  return order;
}

// Without checksums.
std::vector<EntryToWrite> entries_of(const std::vector<Named>& order) {
  std::vector<EntryToWrite> entries;
  std::uint64_t offset = 0;
  for (const Named named : order) {
    const auto& [name, tensor] = *named;
    check_size(name, tensor);
    const std::uint64_t end = offset + tensor.bytes.size();
    entries.push_back({name, tensor.dtype, tensor.shape, offset, end, ""});
    offset = end;
  }
  return entries;
}

// The 8 bytes of length and the padded header.
std::string make_header(const std::vector<EntryToWrite>& entries, const Metadata& metadata) {
  Json header = Json::object();
  Json about = Json::object();
  for (const auto& [key, value] : metadata)
    if (!key.starts_with(kChecksumPrefix)) about[key] = value;
  for (const EntryToWrite& entry : entries) {
    // Safe where memory ends: g++ 12 leaks a braced list whose elements cannot all be made, and a
    // null value that cannot become an object or array is left halfway.
    Json offsets = Json::array();
    offsets.push_back(entry.begin);
    offsets.push_back(entry.end);
    Json fields = Json::object();
    fields["dtype"] = safetensors_name(entry.dtype);
    fields["shape"] = entry.shape.dims();
    fields["data_offsets"] = std::move(offsets);
    header[entry.name] = std::move(fields);
    if (!entry.checksum.empty()) about[std::string(kChecksumPrefix) + entry.name] = entry.checksum;
  }
  if (!about.empty()) header["__metadata__"] = std::move(about);

  std::string text;
  try {
    text = json_text(std::move(header));
  } catch (const Json::exception&) {
    throw InvalidArgument("safetensors", "a name or a metadata text is not UTF-8; encode it so");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string length;
  for (int shift = 0; shift < 64; shift += 8)
    length += static_cast<char>(static_cast<unsigned char>(text.size() >> shift));
  return length + text;
}

std::optional<std::uint32_t> parse_checksum(const std::string& text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, 16);
  if (text.size() != 8 || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::byte> serialize_safetensors(const TensorViews& tensors, const Metadata& metadata,
                                             const SafetensorsOptions& options) {
  const std::vector<Named> order = data_order(tensors);
  std::vector<EntryToWrite> entries = entries_of(order);
  for (std::size_t i = 0; options.checksums && i < order.size(); ++i)
    entries[i].checksum = checksum_text(crc32(order[i]->second.bytes));
  const std::string header = make_header(entries, metadata);
  const auto head = std::as_bytes(std::span(header));
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (const Named named : order)
    bytes.insert(bytes.end(), named->second.bytes.begin(), named->second.bytes.end());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorViews& tensors,
                       const Metadata& metadata, const SafetensorsOptions& options) {
  StagedSafetensors(path, tensors, metadata, options).finish();
}

// Until finish() the file begins with zeros: a header of length 0, which no reader takes.
class StagedSafetensors::Impl {
 public:
  Impl(const std::filesystem::path& path, const TensorViews& tensors, Metadata metadata,
       const SafetensorsOptions& options)
      : metadata_(std::move(metadata)), checksums_(options.checksums), file_(path) {
    const std::vector<Named> order = data_order(tensors);
    entries_ = entries_of(order);
    // A checksum takes as many characters whatever it is.
    if (checksums_)
      for (EntryToWrite& entry : entries_) entry.checksum = checksum_text(0);
    header_size_ = make_header(entries_, metadata_).size();
    file_.append(std::vector<std::byte>(header_size_));
    for (const Named named : order) file_.append(named->second.bytes);
  }

  void finish() {
    if (checksums_)
      for (EntryToWrite& entry : entries_) entry.checksum = checksum_text(checksum_of(entry));
    const std::string header = make_header(entries_, metadata_);
    file_.write_at(0, std::as_bytes(std::span(header)));
    file_.commit();
  }

 private:
  std::uint32_t checksum_of(const EntryToWrite& entry) {
    std::uint32_t crc = 0;
    block_.resize(kBlock);
    for (std::uint64_t at = entry.begin; at < entry.end; at += kBlock) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, entry.end - at));
      const auto block = std::span(block_).first(size);
      file_.read_at(header_size_ + at, block);
      crc = crc32(block, crc);
    }
    return crc;
  }

  Metadata metadata_;
  bool checksums_;
  os::StagedFile file_;
  std::vector<EntryToWrite> entries_;
  std::uint64_t header_size_ = 0;
  std::vector<std::byte> block_;
};

StagedSafetensors::StagedSafetensors(const std::filesystem::path& path, const TensorViews& tensors,
                                     Metadata metadata, const SafetensorsOptions& options)
    : impl_(std::make_unique<Impl>(path, tensors, std::move(metadata), options)) {}
StagedSafetensors::~StagedSafetensors() = default;
StagedSafetensors::StagedSafetensors(StagedSafetensors&&) noexcept = default;

void StagedSafetensors::finish() { impl_->finish(); }

std::vector<ChecksumFault> checksum_faults(const SafetensorsFile& file) {
  std::vector<ChecksumFault> faults;
  for (const auto& [key, value] : file.metadata) {
    if (!key.starts_with(kChecksumPrefix)) continue;
    const std::string name = key.substr(kChecksumPrefix.size());
    const auto tensor = file.tensors.find(name);
    if (tensor == file.tensors.end()) {
      faults.push_back({name, "expected the tensor '" + name +
                                  "', of which it has the checksum; the file has none: take "
                                  "another copy"});
      continue;
    }
    const auto stated = parse_checksum(value);
    const std::uint32_t found = crc32(tensor->second.bytes);
    if (!stated || *stated != found)
      faults.push_back({name, "expected tensor '" + name + "' to have the CRC-32 " + value +
                                  ", got " + checksum_text(found) +
                                  ": the file is damaged, take another copy"});
  }
  return faults;
}

void verify_checksums(const SafetensorsFile& file) {
  const auto faults = checksum_faults(file);
  if (!faults.empty()) throw DataError(file.where, faults.front().text);
}

}  // namespace evenkeel
