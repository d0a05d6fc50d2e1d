// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

constexpr int kShortestBar = 8;
constexpr int kLongestBar = 40;

std::string bar(std::int64_t done, std::int64_t all, int cells) {
  const auto filled = static_cast<int>(std::clamp<std::int64_t>(done * cells / all, 0, cells));
  std::string text(static_cast<std::size_t>(filled), '=');
  if (filled < cells) text += '>';
  text.resize(static_cast<std::size_t>(cells), ' ');
  return "[" + text + "]";
}

}  // namespace

std::string progress_line(const Progress& p, int width) {
  const std::string epoch = fmt::format("{}/{}", p.epoch, p.epochs);
  const std::string batch = fmt::format("{}/{}", p.batch, p.batches);
  const std::string rate =
      p.images_per_second > 0
          ? "  " + with_thousands(std::llround(p.images_per_second)) + " images/s"
          : "";
  const std::string left =
      p.seconds_left >= 0 ? "  " + readable_time(p.seconds_left) + " left" : "";

  const std::string full = "Epoch " + epoch + " " + batch + rate + left;
  const int cells = std::min(width - static_cast<int>(full.size()) - 3, kLongestBar);
  if (cells >= kShortestBar) {
    return "Epoch " + epoch + " " + bar(p.batch, std::max<std::int64_t>(1, p.batches), cells) +
           " " + batch + rate + left;
  }
  const std::vector<std::string> shorter = {full, "Epoch " + epoch + " " + batch + left,
                                            epoch + " " + batch + left, epoch + " " + batch};
  for (const std::string& line : shorter)
    if (static_cast<int>(line.size()) <= width) return line;
  return shorter.back().substr(0, static_cast<std::size_t>(std::max(0, width)));
}

}  // namespace evenkeel
