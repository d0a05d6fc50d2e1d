// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

std::string scaled(double number, const char* unit) {
  constexpr std::array<const char*, 5> kPrefixes = {"", "k", "M", "G", "T"};
  std::size_t prefix = 0;
  while (number >= 999.95 && prefix + 1 < kPrefixes.size()) {
    number /= 1000;
    ++prefix;
  }
  const std::string text = fmt::format("{:.{}f}", number, prefix == 0 ? 0 : 1);
  const std::string suffix = std::string(kPrefixes[prefix]) + unit;
  return suffix.empty() ? text : text + " " + suffix;
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells) {
  if (cells.empty() || cells.size() > columns_.size()) {
    throw InvalidArgument("table", "expected 1 to " + std::to_string(columns_.size()) +
                                       " cells, got " + std::to_string(cells.size()));
  }
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void TextTable::rule() { rows_.emplace_back(); }

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(column.title.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());

  std::string result;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string space(widths[i] - cell.size(), ' ');
      line +=
          (i > 0 ? "  " : "") + (columns_[i].align == Align::left ? cell + space : space + cell);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  };
  add_line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_)
    add_line([&](std::size_t i) { return row.empty() ? std::string(widths[i], '-') : row[i]; });
  return result;
}

std::string with_thousands(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::ptrdiff_t digits_from = number < 0 ? 1 : 0;
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > digits_from; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string plural(std::int64_t count, const char* what) {
  return with_thousands(count) + " " + what + (count == 1 ? "" : "s");
}

std::string readable_bytes(std::int64_t bytes) { return scaled(static_cast<double>(bytes), "B"); }
std::string readable_count(double count) { return scaled(count, ""); }

std::string readable_time(double seconds) {
  const auto total = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
  const std::int64_t hours = total / 3600;
  if (hours == 0) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", hours, total / 60 % 60, total % 60);
}

}  // namespace evenkeel
