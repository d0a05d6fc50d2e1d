#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "evenkeel/base/buffer.h"

namespace evenkeel {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Buffer::Buffer(std::size_t size) : size_(size) {
  if (size == 0) return;
  const std::size_t alignment = size >= kHugePage ? kHugePage : kAlignment;
  bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, align_up(size, alignment))));
  if (bytes_ == nullptr) throw std::bad_alloc();
  // Only advice: the system may have no huge pages.
  if (alignment == kHugePage) madvise(bytes_.get(), align_up(size, alignment), MADV_HUGEPAGE);
  std::memset(bytes_.get(), 0, size);
}

void Buffer::Free::operator()(std::byte* bytes) const { std::free(bytes); }

}  // namespace evenkeel
