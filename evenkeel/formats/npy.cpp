// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/npy.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/checked_size.h"
#include "evenkeel/formats/little_endian.h"

namespace evenkeel {
namespace {

constexpr std::size_t kLongestNpyHeader = 65536;
constexpr std::size_t kMostDimensions = 32;  // NumPy's own limit for long
constexpr std::string_view kMagic = "\x93NUMPY";

[[noreturn]] void fail_npy(const std::string& where, const std::string& what) {
  throw DataError(where, "expected an array as numpy.save writes it, but " + what);
}

// Reads {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view text, const std::string& where) : rest_(text), where_(where) {}

  NpyHeader read() {
    NpyHeader header;
    bool has_descr = false;
    bool has_order = false;
    bool has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_descr) {
        has_descr = true;
        if (!take_descr(header)) return header;
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        header.fortran_order = boolean();
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        header.shape = tuple();
      } else {
        damaged();
      }
      if (!accept(',') && !next_is('}')) damaged();
    }
    skip_space();
    if (!rest_.empty() || !has_descr || !has_order || !has_shape) damaged();
    return header;
  }

 private:
  [[noreturn]] void damaged() const { fail_npy(where_, "its header is damaged"); }
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t\r"), rest_.size()));
  }
  bool next_is(char c) {
    skip_space();
    return rest_.starts_with(c);
  }
  bool accept(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }
  std::string quoted() {
    const char quote = next_is('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) damaged();
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    damaged();
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::int64_t number = 0;
      const char* const end = rest_.data() + rest_.size();
      const auto [at, error] = std::from_chars(rest_.data(), end, number);
      if (error != std::errc() || number < 0 || numbers.size() == kMostDimensions) damaged();
      rest_.remove_prefix(static_cast<std::size_t>(at - rest_.data()));
      accept('L');  // of Python 2
      numbers.push_back(number);
      if (!accept(',') && !next_is(')')) damaged();
    }
    return numbers;
  }
  // False for a list of fields: what is in it does not matter to us.
  bool take_descr(NpyHeader& header) {
    if (next_is('[')) return false;
    header.descr = quoted();
    const std::string_view digits =
        std::string_view(header.descr).substr(std::min<std::size_t>(2, header.descr.size()));
    std::int64_t bytes = 0;
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    const bool whole = error == std::errc() && at == digits.data() + digits.size();
    header.item_bytes = whole && bytes > 0 ? bytes : 0;
    return true;
  }

  std::string_view rest_;
  const std::string& where_;
};

}  // namespace

NpyHeader read_npy_header(const std::function<void(std::span<std::byte>)>& read, std::uint64_t left,
                          const std::string& where) {
  std::vector<std::byte> start(10);
  if (left < start.size()) fail_npy(where, "it is too short");
  read(start);
  const std::string_view magic(reinterpret_cast<const char*>(start.data()), kMagic.size());
  if (magic != kMagic) fail_npy(where, "it does not begin like one");
  const auto version = std::to_integer<int>(start[6]);
  if (version < 1 || version > 3)
    fail_npy(where, "it is of version " + std::to_string(version) + ", which is not known");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  start.resize(8 + length_bytes);
  if (left < start.size()) fail_npy(where, "it is too short");
  read(std::span(start).subspan(10));
  const std::uint64_t length = little_endian(start, 8, length_bytes);
  if (length > kLongestNpyHeader || length > left - start.size())
    fail_npy(where, "its header asks for " + std::to_string(length) + " bytes");
  std::vector<std::byte> text(length);
  read(text);

  NpyHeader header =
      DictionaryReader({reinterpret_cast<const char*>(text.data()), text.size()}, where).read();
  header.size = start.size() + length;
  if (header.item_bytes == 0 || header.kind() == 'O') return header;
  if (header.kind() == 'U') header.item_bytes *= 4;  // descr counts characters
  const auto bytes = checked_product(header.shape, header.item_bytes);
  if (header.item_bytes < 0 || !bytes || static_cast<std::uint64_t>(*bytes) != left - header.size)
    fail_npy(where, "its shape does not make the " + std::to_string(left - header.size) +
                        " bytes of elements that it has");
  return header;
}

}  // namespace evenkeel
