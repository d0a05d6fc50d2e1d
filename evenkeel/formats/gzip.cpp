// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;    // zlib's way to say: a gzip header, nothing else
constexpr std::size_t kLargestRatio = 1032;  // deflate cannot expand further

// zlib's stream, ended whatever happens.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK)
      throw RuntimeFailure("gzip", "zlib could not be started: out of memory");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

// The length in the trailer, as far as it is believable: the file's size bounds what it can hold.
std::size_t expected_size(std::span<const std::byte> bytes, std::size_t limit) {
  if (bytes.size() < 18) return 0;
  std::size_t stated = 0;
  for (int i = 1; i <= 4; ++i)
    stated = stated << 8 |
             std::to_integer<std::size_t>(bytes[bytes.size() - static_cast<std::size_t>(i)]);
  return std::min({stated, limit, bytes.size() * kLargestRatio});
}

uInt step_size(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

[[noreturn]] void fail_gzip(const std::string& where, const std::string& what) {
  throw DataError(where, "expected a whole gzip file, but " + what + "; get the file again");
}

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> gunzip_start(std::span<const std::byte> bytes, std::size_t count) {
  Inflater inflater;
  z_stream& stream = inflater.stream();
  std::vector<std::byte> start(count);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = step_size(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(start.data());
  stream.avail_out = step_size(count);
  inflate(&stream, Z_SYNC_FLUSH);
  start.resize(count - stream.avail_out);
  return start;
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where,
                              std::size_t limit) {
  if (!is_gzip(bytes)) fail_gzip(where, "it does not begin like one");
  Inflater inflater;
  z_stream& stream = inflater.stream();
  std::vector<std::byte> content(expected_size(bytes, limit));
  std::size_t used = 0;
  std::size_t made = 0;
  while (true) {
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data() + used));
    stream.avail_in = step_size(bytes.size() - used);
    // One byte past the limit: a content of exactly `limit` bytes must still reach its end.
    std::byte spare{};
    const bool full = made == content.size();
    stream.next_out = reinterpret_cast<Bytef*>(full ? &spare : content.data() + made);
    stream.avail_out = full ? 1 : step_size(content.size() - made);
    const uInt offered_in = stream.avail_in;
    const uInt offered_out = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    used += offered_in - stream.avail_in;
    const std::size_t got = offered_out - stream.avail_out;
    if (full && got == 1) {
      if (made == limit) fail_gzip(where, "it holds more than " + std::to_string(limit) + " bytes");
      content.resize(std::min(limit, std::max<std::size_t>(4096, 2 * content.size())));
      content[made] = spare;
    }
    made += got;

    if (result == Z_STREAM_END) {
      if (used == bytes.size()) break;
      if (!is_gzip(bytes.subspan(used)))
        fail_gzip(where, std::to_string(bytes.size() - used) + " bytes follow its end");
      inflateReset(&stream);
    } else if (result == Z_BUF_ERROR || (result == Z_OK && used == bytes.size() && got == 0)) {
      fail_gzip(where, "it ends too early, after " + std::to_string(bytes.size()) + " bytes");
    } else if (result != Z_OK) {
      fail_gzip(where,
                std::string("it is damaged: ") + (stream.msg ? stream.msg : "unknown reason"));
    }
  }
  content.resize(made);
  return content;
}

}  // namespace evenkeel
