// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/formats/checked_size.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/formats/safetensors_dtype.h"

namespace evenkeel {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestHeader = 100'000'000;  // the format's own bound
constexpr int kDeepestHeader = 3;                      // header, tensor, shape

[[noreturn]] void fail_safetensors(const std::string& where, const std::string& reason) {
  throw DataError(where, "expected a safetensors file, but " + reason +
                             "; it is damaged or of another kind: take another copy");
}

std::string in_quotes(const std::string& name) { return "'" + name + "'"; }

std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < 8)
    fail_safetensors(where,
                     "it has " + std::to_string(bytes.size()) + " bytes, fewer than the first 8");
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  const std::uint64_t rest = bytes.size() - 8;
  if (length > kLargestHeader || length > rest) {
    fail_safetensors(where, "it states a header of " + std::to_string(length) + " bytes where " +
                                std::to_string(rest) + " follow (at most " +
                                std::to_string(kLargestHeader) + " are allowed)");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8,
                              static_cast<std::size_t>(length));
  if (!text.starts_with('{')) fail_safetensors(where, "its header does not begin with '{'");
  return text;
}

// nlohmann keeps the last of two equal keys and nests as deep as told; both are refused here, in a
// reading before the one that builds the values (its callbacks would cost the square of the keys).
class Watch final : public nlohmann::json_sax<Json> {
 public:
  explicit Watch(const std::string& where) : where_(where) {}

  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return deeper();
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second)
      fail_safetensors(where_, "its header has '" + name + "' twice");
    return true;
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  // Told by the reading that follows.
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  bool deeper() {
    if (++depth_ > kDeepestHeader) fail_safetensors(where_, "its header nests too deeply");
    return true;
  }

  const std::string& where_;
  std::vector<std::set<std::string>> keys_;
  int depth_ = 0;
};

Json parse_header(std::string_view text, const std::string& where) {
  Watch watch(where);
  Json::sax_parse(text, &watch);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {  // its own text may quote bytes that are not UTF-8
    fail_safetensors(where, "its header is not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    fail_safetensors(where, "its header has a number out of range");
  }
}

Metadata read_metadata(const Json& json, const std::string& where) {
  Metadata metadata;
  if (!json.is_object()) fail_safetensors(where, "its __metadata__ is not an object");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string())
      fail_safetensors(where, "its metadata " + in_quotes(key) + " is not a text");
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

// A tensor as the header states it; offsets are relative to the end of the header.
struct Entry {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> dims;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A non-negative number below 2^63.
std::optional<std::int64_t> natural(const Json& json) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() >> 63 != 0) return std::nullopt;
  return json.get<std::int64_t>();
}

Entry read_entry(const std::string& name, const Json& json, const std::string& where) {
  const std::string subject = "tensor " + in_quotes(name);
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets"))
    fail_safetensors(where, subject + " lacks dtype, shape or data_offsets");
  Entry entry{name, DType::f32, {}, 0, 0};

  const Json& dtype = json["dtype"];
  const auto known =
      dtype.is_string() ? safetensors_dtype(dtype.get_ref<const std::string&>()) : std::nullopt;
  if (!known)
    fail_safetensors(where, subject + " has a dtype that is not read here: " +
                                dtype.dump(-1, ' ', true, Json::error_handler_t::replace));
  entry.dtype = *known;

  const Json& shape = json["shape"];
  if (!shape.is_array()) fail_safetensors(where, subject + " has a shape that is not a list");
  for (const Json& dim : shape) {
    const auto extent = natural(dim);
    if (!extent) fail_safetensors(where, subject + " has a dimension that is not a natural number");
    entry.dims.push_back(*extent);
  }

  const Json& offsets = json["data_offsets"];
  const auto begin = offsets.is_array() && offsets.size() == 2 ? natural(offsets[0]) : std::nullopt;
  const auto end = begin ? natural(offsets[1]) : std::nullopt;
  if (!end || *end < *begin)
    fail_safetensors(where, subject + " has data_offsets that are not [begin, end]");
  entry.begin = static_cast<std::uint64_t>(*begin);
  entry.end = static_cast<std::uint64_t>(*end);

  const auto size = checked_product(entry.dims, static_cast<std::int64_t>(size_of(entry.dtype)));
  if (!size || static_cast<std::uint64_t>(*size) != entry.end - entry.begin) {
    fail_safetensors(where, subject + " of shape " + to_string(Shape(entry.dims)) + " and dtype " +
                                std::string(to_string(entry.dtype)) + " does not fit its " +
                                std::to_string(entry.end - entry.begin) + " bytes");
  }
  return entry;
}

// The tensors must lie one after the other, from the first byte of data to the last.
void check_cover(const std::vector<Entry>& entries, std::uint64_t data_size,
                 const std::string& where) {
  std::uint64_t reached = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != reached) {
      fail_safetensors(where, "tensor " + in_quotes(entry.name) + " begins at " +
                                  std::to_string(entry.begin) + " where " +
                                  std::to_string(reached) + " was due");
    }
    reached = entry.end;
  }
  if (reached != data_size) {
    fail_safetensors(where, "its tensors take " + std::to_string(reached) + " bytes and " +
                                std::to_string(data_size) + " are there");
  }
}

template <typename Map>
const typename Map::mapped_type& find(const Map& map, const std::string& name,
                                      const std::string& where, const std::string& kind) {
  const auto found = map.find(name);
  if (found != map.end()) return found->second;
  std::vector<std::string> known;
  known.reserve(map.size());
  for (const auto& [key, value] : map) known.push_back(key);
  throw DataError(where, "expected the " + kind + " " + in_quotes(name) + ", the file has none" +
                             did_you_mean(name, known));
}

}  // namespace

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text = header_text(bytes, where);
  Json header = parse_header(text, where);
  const TakenApart at_end(header);
  const std::span<const std::byte> data = bytes.subspan(8 + text.size());

  SafetensorsFile file;
  file.where = where;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name == "__metadata__")
      file.metadata = read_metadata(json, where);
    else
      entries.push_back(read_entry(name, json, where));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  check_cover(entries, data.size(), where);

  for (Entry& entry : entries) {
    Tensor tensor(entry.dtype, Shape(std::move(entry.dims)));
    if (!tensor.bytes.empty())
      std::memcpy(tensor.bytes.data(), data.data() + entry.begin, tensor.bytes.size());
    file.names.push_back(entry.name);
    file.tensors.emplace(std::move(entry.name), std::move(tensor));
  }
  return file;
}

SafetensorsFile SafetensorsFile::read(const std::filesystem::path& path) {
  return parse(os::read_file(path), path.string());
}

const Tensor& SafetensorsFile::tensor(const std::string& name) const {
  return find(tensors, name, where, "tensor");
}

const std::string& SafetensorsFile::metadata_value(const std::string& key) const {
  return find(metadata, key, where, "metadata");
}

}  // namespace evenkeel
