// SPDX-License-Identifier: Apache-2.0
// The header of NumPy's .npy files (numpy.lib.format, versions 1 to 3): magic, version, length, and
// a Python dictionary of descr, fortran_order and shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace evenkeel {

struct NpyHeader {
  std::string descr;  // "|u1", "<i8"; empty for a structured dtype
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t size = 0;       // bytes before the elements
  std::int64_t item_bytes = 0;  // of an element; 0 where descr has no number
  char kind() const { return descr.size() > 1 ? descr[1] : '\0'; }  // 'u', 'i', 'b', 'f', 'O', …
};

// `read` gives the next bytes of the file; `left` says how many there are. A header of more than
// 64 kB is refused, and one whose shape asks for other than the bytes that follow. DataError naming
// `where`.
NpyHeader read_npy_header(const std::function<void(std::span<std::byte>)>& read, std::uint64_t left,
                          const std::string& where);

}  // namespace evenkeel
