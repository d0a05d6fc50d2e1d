// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/tensorboard.h"

#include <bit>

#include "evenkeel/base/crc32c.h"

namespace evenkeel::tensorboard {
namespace {

// Protobuf's wire types.
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kFixed64 = 1;
constexpr std::uint64_t kBytes = 2;
constexpr std::uint64_t kFixed32 = 5;

constexpr std::int64_t kSessionStart = 1;  // SessionLog::START

// Little-endian, whatever the machine is.
template <typename Unsigned>
void put_fixed(std::string& to, Unsigned value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    to += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>(0x80 | (value & 0x7F));
  to += static_cast<char>(value);
}

void put_key(std::string& to, std::uint64_t field, std::uint64_t wire_type) {
  put_varint(to, field << 3 | wire_type);
}

void put_integer(std::string& to, std::uint64_t field, std::int64_t value) {
  put_key(to, field, kVarint);
  put_varint(to, static_cast<std::uint64_t>(value));
}

void put_float(std::string& to, std::uint64_t field, float value) {
  put_key(to, field, kFixed32);
  put_fixed(to, std::bit_cast<std::uint32_t>(value));
}

void put_double(std::string& to, std::uint64_t field, double value) {
  put_key(to, field, kFixed64);
  put_fixed(to, std::bit_cast<std::uint64_t>(value));
}

// A text, or a message within a message.
void put_bytes(std::string& to, std::uint64_t field, const std::string& bytes) {
  put_key(to, field, kBytes);
  put_varint(to, bytes.size());
  to += bytes;
}

void put_packed(std::string& to, std::uint64_t field, const std::vector<double>& values) {
  put_key(to, field, kBytes);
  put_varint(to, sizeof(double) * values.size());
  for (const double value : values) put_fixed(to, std::bit_cast<std::uint64_t>(value));
}

// So that the checksum of a text that holds its own checksum is none of a kind.
std::uint32_t masked_crc(const std::string& bytes) {
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return std::rotr(crc, 15) + 0xA282EAD8U;
}

std::string record_of(const std::string& event) {
  std::string record;
  put_fixed(record, static_cast<std::uint64_t>(event.size()));
  put_fixed(record, masked_crc(record));
  record += event;
  put_fixed(record, masked_crc(event));
  return record;
}

std::string event_at(const Moment& moment) {
  std::string event;
  put_double(event, 1, moment.wall_time);
  put_integer(event, 2, moment.step);
  return event;
}

}  // namespace

std::string version_record(double wall_time) {
  std::string event;
  put_double(event, 1, wall_time);
  put_bytes(event, 3, "brain.Event:2");
  return record_of(event);
}

std::string session_start_record(const Moment& moment) {
  std::string session;
  put_integer(session, 1, kSessionStart);
  std::string event = event_at(moment);
  put_bytes(event, 7, session);
  return record_of(event);
}

std::string scalars_record(const Moment& moment, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    put_bytes(value, 1, scalar.tag);
    put_float(value, 2, static_cast<float>(scalar.value));
    put_bytes(summary, 1, value);
  }
  std::string event = event_at(moment);
  put_bytes(event, 5, summary);
  return record_of(event);
}

std::string histogram_record(const Moment& moment, const std::string& tag,
                             const Histogram& histogram) {
  std::string histo;
  put_double(histo, 1, histogram.min);
  put_double(histo, 2, histogram.max);
  put_double(histo, 3, histogram.count);
  put_double(histo, 4, histogram.sum);
  put_double(histo, 5, histogram.sum_of_squares);
  put_packed(histo, 6, histogram.limits);
  put_packed(histo, 7, histogram.buckets);
  std::string value;
  put_bytes(value, 1, tag);
  put_bytes(value, 5, histo);
  std::string summary;
  put_bytes(summary, 1, value);
  std::string event = event_at(moment);
  put_bytes(event, 5, summary);
  return record_of(event);
}

}  // namespace evenkeel::tensorboard
