// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/text_cursor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-+/.").find(c) != std::string_view::npos;
}

std::size_t plain_length(std::string_view text) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_plain);
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace

std::string quoted_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += kHexDigits[byte >> 4];
      result += kHexDigits[byte & 15];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string name_text(std::string_view name) {
  std::string_view stem;
  std::uint32_t output = 0;
  const bool plain = !name.empty() && plain_length(name) == name.size();
  return plain && !split_output(name, stem, output) ? std::string(name) : quoted_text(name);
}

std::string number_text(double number) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end};
}

bool split_output(std::string_view word, std::string_view& name, std::uint32_t& output) {
  const std::size_t dot = word.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == word.size()) return false;
  const char* const end = word.data() + word.size();
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(word.data() + dot + 1, end, number);
  if (error != std::errc() || stop != end) return false;
  name = word.substr(0, dot);
  output = number;
  return true;
}

void TextCursor::fail(const std::string& expected, const std::string& hint) const {
  constexpr std::size_t kShown = 40;
  TextCursor next = *this;
  next.skip_blanks();
  std::string came =
      next.rest_.empty() ? "the end of the line" : quoted_text(next.rest_.substr(0, kShown));
  if (next.rest_.size() > kShown) came += "...";
  refuse("expected " + expected + ", got " + came + hint);
}

void TextCursor::refuse(const std::string& why) const {
  throw DataError("line " + std::to_string(number_), why);
}

void TextCursor::skip_blanks() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
}

bool TextCursor::accept(std::string_view token) {
  skip_blanks();
  if (rest_.substr(0, token.size()) != token) return false;
  rest_.remove_prefix(token.size());
  return true;
}

void TextCursor::expect(std::string_view token) {
  if (!accept(token)) fail("'" + std::string(token) + "'");
}

void TextCursor::expect_end() {
  skip_blanks();
  if (!rest_.empty()) fail("the end of the line");
}

std::string_view TextCursor::word(const std::string& expected) {
  skip_blanks();
  const std::string_view result = rest_.substr(0, plain_length(rest_));
  if (result.empty()) fail(expected);
  rest_.remove_prefix(result.size());
  return result;
}

std::string TextCursor::name(const std::string& expected, bool* was_quoted) {
  const bool in_quotes = accept("\"");
  if (was_quoted != nullptr) *was_quoted = in_quotes;
  return in_quotes ? quoted() : std::string(word(expected));
}

std::string TextCursor::quoted() {
  std::string result;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return result;
    if (c != '\\') {
      result += c;
    } else if (rest_.substr(0, 1) == "x" && rest_.size() >= 3) {
      unsigned byte = 0;
      const char* const end = rest_.data() + 3;
      const auto [stop, error] = std::from_chars(rest_.data() + 1, end, byte, 16);
      if (error != std::errc() || stop != end) fail("two hexadecimal digits after \\x");
      result += static_cast<char>(byte);
      rest_.remove_prefix(3);
    } else {
      const std::size_t which = std::string_view("\"\\n").find(rest_.substr(0, 1));
      if (rest_.empty() || which == std::string_view::npos)
        fail("an escape \\\" \\\\ \\n or \\xHH");
      result += "\"\\\n"[which];
      rest_.remove_prefix(1);
    }
  }
  fail("a closing quote");
}

std::int64_t TextCursor::integer() {
  skip_blanks();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc()) fail("a whole number of 64 bits");
  rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
  return value;
}

double TextCursor::number() {
  skip_blanks();
  double value = 0;
  const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc()) fail("a number");
  rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
  return value;
}

}  // namespace evenkeel
