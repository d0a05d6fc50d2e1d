// SPDX-License-Identifier: Apache-2.0
// Aligned memory that frees itself.
#pragma once

#include <cstddef>
#include <memory>

#include "evenkeel/base/export.h"

namespace evenkeel {

inline constexpr std::size_t kAlignment = 64;

inline std::size_t align_up(std::size_t bytes, std::size_t to = kAlignment) {
  return (bytes + to - 1) / to * to;
}

// `size` zeroed bytes at a 64-byte boundary; large ones on huge pages where the system has them.
// std::bad_alloc where there are not so many.
class EVENKEEL_API Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size);
  std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct EVENKEEL_API Free {
    Free() : mapped(0) {}
    explicit Free(std::size_t bytes) : mapped(bytes) {}
    std::size_t mapped;  // bytes to unmap; 0: memory of operator new
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace evenkeel
