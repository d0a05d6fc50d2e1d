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
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/formats/safetensors_dtype.h"

namespace evenkeel {
namespace {

using Json = nlohmann::json;  // its objects keep their keys sorted

using Named = const TensorViews::value_type*;

std::string checksum_text(std::span<const std::byte> bytes) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(crc32(bytes)));
  return text;
}

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

Json metadata_json(const TensorViews& tensors, const Metadata& given, bool checksums) {
  Json json = Json::object();
  for (const auto& [key, value] : given)
    if (!key.starts_with(kChecksumPrefix)) json[key] = value;
  if (checksums) {
    for (const auto& [name, tensor] : tensors)
      json[std::string(kChecksumPrefix) + name] = checksum_text(tensor.bytes);
  }
  return json;
}

// The 8 bytes of length and the padded header.
std::string make_header(const TensorViews& tensors, const std::vector<Named>& order,
                        const Metadata& metadata, const SafetensorsOptions& options) {
  Json header = Json::object();
  std::uint64_t offset = 0;
  for (const Named named : order) {
    const auto& [name, tensor] = *named;
    check_size(name, tensor);
    const std::uint64_t end = offset + tensor.bytes.size();
    header[name] = {{"dtype", safetensors_name(tensor.dtype)},
                    {"shape", tensor.shape.dims()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  Json about = metadata_json(tensors, metadata, options.checksums);
  if (!about.empty()) header["__metadata__"] = std::move(about);

  std::string text;
  try {
    text = header.dump();
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
  const std::string header = make_header(tensors, order, metadata, options);
  const auto head = std::as_bytes(std::span(header));
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (const Named named : order)
    bytes.insert(bytes.end(), named->second.bytes.begin(), named->second.bytes.end());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const TensorViews& tensors,
                       const Metadata& metadata, const SafetensorsOptions& options) {
  const std::vector<Named> order = data_order(tensors);
  const std::string header = make_header(tensors, order, metadata, options);
  std::vector<os::Bytes> chunks = {std::as_bytes(std::span(header))};
  for (const Named named : order) chunks.push_back(named->second.bytes);
  os::write_file_atomically(path, chunks);
}

void verify_checksums(const SafetensorsFile& file) {
  for (const auto& [key, value] : file.metadata) {
    if (!key.starts_with(kChecksumPrefix)) continue;
    const std::string name = key.substr(kChecksumPrefix.size());
    const auto tensor = file.tensors.find(name);
    if (tensor == file.tensors.end()) {
      throw DataError(file.where, "expected the tensor '" + name +
                                      "', of which it has the checksum; the file has none: take "
                                      "another copy");
    }
    const auto stated = parse_checksum(value);
    if (!stated || *stated != crc32(tensor->second.bytes)) {
      throw DataError(file.where, "expected tensor '" + name + "' to have the CRC-32 " + value +
                                      ", got " + checksum_text(tensor->second.bytes) +
                                      ": the file is damaged, take another copy");
    }
  }
}

}  // namespace evenkeel
