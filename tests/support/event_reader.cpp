// SPDX-License-Identifier: Apache-2.0
#include "tests/support/event_reader.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tests/support/idx_files.h"

namespace evenkeel::test {
namespace {

using Bytes = std::span<const std::byte>;

// Bit by bit, from the polynomial.
std::uint32_t crc32c_slowly(Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
  }
  return crc ^ 0xFFFFFFFF;
}

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8; }

template <typename T>
T value_of(Bytes bytes) {
  T value;
  if (bytes.size() < sizeof value) throw std::runtime_error("a value is cut short");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

struct Field {
  std::uint64_t number = 0;
  std::uint64_t integer = 0;  // of a varint
  Bytes bytes;                // of the others
};

std::uint64_t take_varint(Bytes& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) throw std::runtime_error("a varint is cut short");
    const auto byte = std::to_integer<std::uint64_t>(bytes[0]);
    bytes = bytes.subspan(1);
    value |= (byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  throw std::runtime_error("a varint does not end");
}

std::vector<Field> fields_of(Bytes message) {
  std::vector<Field> fields;
  while (!message.empty()) {
    const std::uint64_t key = take_varint(message);
    Field field{key >> 3, 0, {}};
    if ((key & 7) == 0) {
      field.integer = take_varint(message);
    } else {
      const std::uint64_t size = (key & 7) == 1 ? 8 : (key & 7) == 5 ? 4 : take_varint(message);
      if ((key & 7) == 3 || (key & 7) == 4 || (key & 7) > 5 || size > message.size())
        throw std::runtime_error("a field of a wire type or size that cannot be");
      field.bytes = message.subspan(0, size);
      message = message.subspan(size);
    }
    fields.push_back(field);
  }
  return fields;
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<double> doubles_of(Bytes bytes) {
  if (bytes.size() % 8 != 0) throw std::runtime_error("packed doubles are cut short");
  std::vector<double> values(bytes.size() / 8);
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

ReadHistogram histogram_of(Bytes message) {
  ReadHistogram histogram;
  for (const Field& field : fields_of(message)) {
    switch (field.number) {
      case 1:
        histogram.min = value_of<double>(field.bytes);
        break;
      case 2:
        histogram.max = value_of<double>(field.bytes);
        break;
      case 3:
        histogram.count = value_of<double>(field.bytes);
        break;
      case 4:
        histogram.sum = value_of<double>(field.bytes);
        break;
      case 5:
        histogram.sum_of_squares = value_of<double>(field.bytes);
        break;
      case 6:
        histogram.limits = doubles_of(field.bytes);
        break;
      case 7:
        histogram.buckets = doubles_of(field.bytes);
        break;
      default:
        throw std::runtime_error("HistogramProto has no such field");
    }
  }
  return histogram;
}

void read_value(Bytes message, ReadEvent& event) {
  std::string tag;
  for (const Field& field : fields_of(message)) {
    if (field.number == 1)
      tag = text_of(field.bytes);
    else if (field.number == 2)
      event.scalars[tag] = value_of<float>(field.bytes);
    else if (field.number == 5)
      event.histograms[tag] = histogram_of(field.bytes);
    else
      throw std::runtime_error("Summary.Value has another field");
  }
}

ReadEvent event_of(Bytes message) {
  ReadEvent event;
  for (const Field& field : fields_of(message)) {
    if (field.number == 1) event.wall_time = value_of<double>(field.bytes);
    if (field.number == 2) event.step = static_cast<std::int64_t>(field.integer);
    if (field.number == 3) event.file_version = text_of(field.bytes);
    if (field.number == 5)
      for (const Field& value : fields_of(field.bytes)) read_value(value.bytes, event);
    if (field.number == 7)
      for (const Field& part : fields_of(field.bytes))
        if (part.number == 1) event.session_status = static_cast<int>(part.integer);
  }
  return event;
}

}  // namespace

ReadEvents read_events(Bytes bytes) {
  ReadEvents result;
  for (;;) {
    const Bytes rest = bytes.subspan(result.bytes);
    if (rest.size() < 12) return result;
    const auto length = value_of<std::uint64_t>(rest);
    if (value_of<std::uint32_t>(rest.subspan(8)) != masked(crc32c_slowly(rest.subspan(0, 8))))
      throw std::runtime_error("the checksum of a length is wrong");
    if (rest.size() < 16 || length > rest.size() - 16) return result;
    const Bytes message = rest.subspan(12, length);
    if (value_of<std::uint32_t>(rest.subspan(12 + length)) != masked(crc32c_slowly(message)))
      throw std::runtime_error("the checksum of a record is wrong");
    result.events.push_back(event_of(message));
    result.bytes += 16 + length;
  }
}

std::vector<std::filesystem::path> event_files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("events.out.tfevents."))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<ReadEvent> read_events_in(const std::filesystem::path& folder) {
  std::vector<ReadEvent> events;
  for (const std::filesystem::path& file : event_files_in(folder))
    for (ReadEvent& event : read_events(read_bytes(file)).events)
      events.push_back(std::move(event));
  return events;
}

}  // namespace evenkeel::test
