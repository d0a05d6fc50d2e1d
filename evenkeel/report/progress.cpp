// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "evenkeel/report/sparkline.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

constexpr int kShortestBar = 8;
constexpr int kLongestBar = 40;

// What a line has; the widest first.
struct Look {
  bool words;
  bool bar;
  std::size_t curve;  // columns
  bool rate;
  bool loss;
  bool accuracy;
  bool left;
};
constexpr Look kLooks[] = {
    {true, true, 16, true, true, true, true},     {true, true, 8, true, true, true, true},
    {false, true, 8, true, true, true, true},     {false, false, 8, true, true, true, true},
    {false, false, 0, true, true, true, true},    {false, false, 0, false, true, true, true},
    {false, false, 0, false, true, false, true},  {false, false, 0, false, false, false, true},
    {false, false, 0, false, true, false, false}, {false, false, 0, false, false, false, false},
};

// Each character of UTF-8 has one such byte, its first.
bool begins_character(char c) { return (c & 0xC0) != 0x80; }

// Of UTF-8 without wide characters.
int columns_of(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string bar(const Progress& p, int cells) {
  const std::int64_t batches = std::max<std::int64_t>(1, p.batches);
  const auto filled =
      static_cast<int>(std::clamp<std::int64_t>(p.batch * cells / batches, 0, cells));
  std::string text(static_cast<std::size_t>(filled), '=');
  if (filled < cells) text += '>';
  text.resize(static_cast<std::size_t>(cells), ' ');
  return "[" + text + "] ";
}

std::string loss_text(const Progress& p, const Look& look) {
  if (!look.loss || std::isnan(p.loss)) return "";
  const std::string number =
      std::abs(p.loss) < 10 ? fmt::format("{:.4f}", p.loss) : fmt::format("{:.4g}", p.loss);
  // Where there is room for little else, the number speaks for itself.
  return look.left ? "  loss " + number : " " + number;
}

std::string rate_text(const Progress& p, const Look& look) {
  if (!look.rate || p.images_per_second <= 0) return "";
  return "  " + with_thousands(std::llround(p.images_per_second)) +
         (look.words ? " images/s" : "/s");
}

// By the logarithm: a loss falls by a share of itself, and its first values hide all that follows.
std::string curve_text(const Progress& p, const Look& look) {
  if (look.curve == 0 || !p.blocks || p.losses.size() < 2) return "";
  std::vector<double> values = p.losses;
  for (double& value : values) value = std::log(value);
  return " " + sparkline(values, look.curve);
}

std::string accuracy_text(const Progress& p, const Look& look) {
  if (!look.accuracy || std::isnan(p.accuracy)) return "";
  return look.words ? fmt::format("  accuracy {:.4f}", p.accuracy)
                    : fmt::format("  acc {:.3f}", p.accuracy);
}

// Empty where there is no room for it.
std::optional<std::string> line_of(const Progress& p, const Look& look, int width) {
  const std::string before = fmt::format("{}{}/{} ", look.words ? "Epoch " : "", p.epoch, p.epochs);
  std::string behind = fmt::format("{}/{}", p.batch, p.batches) + loss_text(p, look);
  behind += curve_text(p, look) + accuracy_text(p, look) + rate_text(p, look);
  if (look.left && p.seconds_left >= 0) behind += "  " + readable_time(p.seconds_left) + " left";
  const int room = width - columns_of(before) - columns_of(behind);
  if (!look.bar) return room < 0 ? std::nullopt : std::optional(before + behind);
  const int cells = std::min(room - 3, kLongestBar);
  if (cells < kShortestBar) return std::nullopt;
  return before + bar(p, cells) + behind;
}

}  // namespace

std::string progress_line(const Progress& progress, int width) {
  for (const Look& look : kLooks)
    if (auto line = line_of(progress, look, width)) return *line;
  const std::string least =
      fmt::format("{}/{} {}/{}", progress.epoch, progress.epochs, progress.batch, progress.batches);
  return first_columns(least, width);
}

std::string first_columns(const std::string& text, int width) {
  int columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (begins_character(text[i]) && columns++ >= width) return text.substr(0, i);
  return text;
}

}  // namespace evenkeel
