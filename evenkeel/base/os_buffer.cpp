// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

#include "evenkeel/base/buffer.h"

namespace evenkeel {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Zeroed by the system, page by page when each is first touched.
std::byte* map_pages(std::size_t bytes) {
  // Room to begin at a huge page; what is left on both sides goes back at once.
  const std::size_t room = bytes + kHugePage;
  void* const mapped =
      mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t ahead = align_up(address, kHugePage) - address;
  if (ahead > 0) munmap(begin, ahead);
  if (ahead < kHugePage) munmap(begin + ahead + bytes, kHugePage - ahead);
  // Only advice: the system may have no huge pages.
  madvise(begin + ahead, bytes, MADV_HUGEPAGE);
  return begin + ahead;
}

}  // namespace

Buffer::Buffer(std::size_t size) : size_(size) {
  if (size == 0) return;
  if (size >= kHugePage) {
    const std::size_t bytes = align_up(size, kHugePage);
    bytes_ = {map_pages(bytes), Free(bytes)};
    return;
  }
  bytes_ = {static_cast<std::byte*>(::operator new (size, std::align_val_t{kAlignment})), Free()};
  std::memset(bytes_.get(), 0, size);
}

void Buffer::Free::operator()(std::byte* bytes) const {
  if (mapped > 0)
    munmap(bytes, mapped);
  else
    ::operator delete (bytes, std::align_val_t{kAlignment});
}

}  // namespace evenkeel
