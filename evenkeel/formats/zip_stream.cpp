// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>

#include "evenkeel/base/crc32.h"
#include "evenkeel/base/error.h"
#include "evenkeel/formats/zip.h"

namespace evenkeel {
namespace {

constexpr std::size_t kStreamPiece = std::size_t{1} << 16;

}  // namespace

class ZipStream::Impl {
 public:
  Impl(const ByteSource& source, const ZipEntry& entry, std::string where)
      : source_(source), entry_(entry), where_(std::move(where)) {
    if (!entry_.deflated) return;
    packed_.resize(kStreamPiece);
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
      throw RuntimeFailure(where_, "zlib could not be started: out of memory");
    started_ = true;
  }
  ~Impl() {
    if (started_) inflateEnd(&stream_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::uint64_t left() const { return entry_.size - made_; }

  void read(std::span<std::byte> into) {
    if (into.size() > left()) fail("it ends too early");
    if (into.empty()) return;
    for (auto rest = into; !rest.empty();) {
      const std::size_t count = std::min(rest.size(), kStreamPiece);
      if (entry_.deflated)
        inflate_into(rest.first(count));
      else
        copy_into(rest.first(count));
      rest = rest.subspan(count);
    }
    crc_ = crc32(into, crc_);
    made_ += into.size();
    if (left() == 0) finish();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(where_, "'" + entry_.name + "' is damaged: " + what + "; write it again");
  }
  void copy_into(std::span<std::byte> into) {
    source_.read(entry_.data + taken_, into);
    taken_ += into.size();
  }
  // False where no packed bytes are left.
  bool refill() {
    const std::uint64_t count = std::min<std::uint64_t>(kStreamPiece, entry_.packed_size - taken_);
    if (count == 0) return false;
    source_.read(entry_.data + taken_, std::span(packed_).first(count));
    taken_ += count;
    stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return true;
  }
  void inflate_into(std::span<std::byte> into) {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out > 0) {
      if (ended_ || (stream_.avail_in == 0 && !refill())) fail("it ends too early");
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END)
        fail(stream_.msg != nullptr ? stream_.msg : "unknown reason");
      ended_ = result == Z_STREAM_END;
    }
  }
  void finish() {
    if (entry_.deflated && !ended_) {
      std::byte more{};
      stream_.next_out = reinterpret_cast<Bytef*>(&more);
      stream_.avail_out = 1;
      int result = Z_OK;
      while (result == Z_OK && stream_.avail_out > 0) {
        if (stream_.avail_in == 0 && !refill()) break;
        result = inflate(&stream_, Z_NO_FLUSH);
      }
      if (result != Z_STREAM_END || stream_.avail_out == 0)
        fail("it does not end where its directory says");
    }
    if (crc_ != entry_.crc) fail("its CRC-32 is another than its directory says");
  }

  const ByteSource& source_;
  ZipEntry entry_;
  std::string where_;
  z_stream stream_{};
  bool started_ = false;
  bool ended_ = false;  // inflate has seen the end
  std::vector<std::byte> packed_;
  std::uint64_t taken_ = 0;  // of the packed bytes
  std::uint64_t made_ = 0;   // of the content
  std::uint32_t crc_ = 0;
};

ZipStream::ZipStream(const ByteSource& source, const ZipEntry& entry, const std::string& where)
    : impl_(std::make_unique<Impl>(source, entry, where)) {}
ZipStream::~ZipStream() = default;
std::uint64_t ZipStream::left() const { return impl_->left(); }
void ZipStream::read(std::span<std::byte> into) { impl_->read(into); }

}  // namespace evenkeel
