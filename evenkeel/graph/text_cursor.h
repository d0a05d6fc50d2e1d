// SPDX-License-Identifier: Apache-2.0
// The lexical side of graph texts: names, numbers and where in the text an error is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace evenkeel {

// The name as it is where it is plain (letters, digits and "_-+/." but no ".7" at the end, which
// would read as an output's number), else in quotes with \" \\ \n and \xHH.
std::string name_text(std::string_view name);
// The same, always in quotes.
std::string quoted_text(std::string_view text);
// The shortest decimal that reads back to the same double.
std::string number_text(double number);

// Reads one line from left to right. Blanks before a token are skipped; everything that is not as
// expected is a DataError with the line's number.
class TextCursor {
 public:
  TextCursor(std::string_view line, std::size_t number) : rest_(line), number_(number) {}

  // "expected <expected>, got <what comes next><hint>".
  [[noreturn]] void fail(const std::string& expected, const std::string& hint = {}) const;
  // The text as it is, for what was read already.
  [[noreturn]] void refuse(const std::string& why) const;
  // Consumes the token if it is next.
  bool accept(std::string_view token);
  void expect(std::string_view token);
  void expect_end();
  // A run of plain characters; at least one.
  std::string_view word(const std::string& expected);
  // A word, or text in quotes. `was_quoted` tells which, where it matters.
  std::string name(const std::string& expected, bool* was_quoted = nullptr);
  std::int64_t integer();
  double number();

 private:
  void skip_blanks();
  std::string quoted();

  std::string_view rest_;
  std::size_t number_;
};

// Splits "pool1.2" into "pool1" and 2; false where no such number stands at the end.
bool split_output(std::string_view word, std::string_view& name, std::uint32_t& output);

}  // namespace evenkeel
