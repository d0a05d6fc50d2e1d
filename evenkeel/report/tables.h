// SPDX-License-Identifier: Apache-2.0
// Aligned text tables, and numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evenkeel {

// Columns as wide as their widest cell, two spaces apart; no spaces at a line's end.
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::right;
  };

  explicit TextTable(std::vector<Column> columns);
  // Missing cells at the end are empty; InvalidArgument for too many.
  void add(std::vector<std::string> cells);
  // A line of dashes, before totals.
  void rule();
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // no cells: a rule
};

// "3,212,288"
std::string with_thousands(std::int64_t number);
// "1 step", "3,212 steps"
std::string plural(std::int64_t count, const char* what);
// "512 B", "12.3 kB", "2.1 MB": powers of 1,000.
std::string readable_bytes(std::int64_t bytes);
// "940", "27.9 M", "1.2 G": counts of things, powers of 1,000.
std::string readable_count(double count);
// "0:42", "1:02:03"
std::string readable_time(double seconds);

}  // namespace evenkeel
