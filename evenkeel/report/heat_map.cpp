// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "evenkeel/report/html.h"

namespace evenkeel {
namespace {

// Text on the darkest shade can still be read, light or dark.
constexpr double kDarkest = 0.5;
constexpr int kHeatShades = 8;  // told apart where cells have no text
constexpr double kCellLetter = 6.7;
constexpr std::size_t kLongestName = 14;

class HeatDrawing {
 public:
  HeatDrawing(const HeatMap& map, int width)
      : map_(map),
        side_(std::max({std::size_t{1}, map.rows.size(), map.columns.size()})),
        named_(side_ <= kMostWithText) {
    std::size_t longest = 0;
    for (const std::string& name : map.rows) longest = std::max(longest, shown(name).size());
    if (named_) left_ += 6 + kCellLetter * static_cast<double>(longest);
    longest = 0;
    for (const std::string& name : map.columns) longest = std::max(longest, shown(name).size());
    const double room = (width - left_) / static_cast<double>(side_);
    square_ = named_ ? std::min(room, 44.0) : room;
    turned_ = kCellLetter * static_cast<double>(longest) > square_;
    if (named_) top_ += turned_ ? 6 + 0.9 * kCellLetter * static_cast<double>(longest) : 14;
    // A map of few squares is not stretched: its texts would be of another size than all others.
    const double needed = left_ + square_ * static_cast<double>(map.columns.size()) + 1;
    width_ = std::min(width, static_cast<int>(std::ceil(needed)));
  }

  std::string svg() {
    const double height = top_ + square_ * static_cast<double>(map_.rows.size()) + 1;
    out_ = fmt::format(
        "<svg viewBox=\"0 0 {} {:.0f}\" style=\"max-width:{}px\" role=\"img\" aria-label=\"{}\">",
        width_, height, width_, html::escape(map_.title));
    titles();
    if (named_) {
      names();
      for (const HeatCell& cell : map_.cells) whole(cell);
    } else {
      by_shade();
    }
    out_ += fmt::format(
        "<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
        left_, top_, square_ * static_cast<double>(map_.columns.size()),
        square_ * static_cast<double>(map_.rows.size()));
    return out_ + "</svg>\n";
  }

 private:
  static std::string shown(const std::string& name) {
    if (name.size() <= kLongestName) return name;
    std::size_t end = kLongestName - 1;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // UTF-8
    return name.substr(0, end) + ".";
  }
  double x_at(std::size_t column) const { return left_ + square_ * static_cast<double>(column); }
  double y_at(std::size_t row) const { return top_ + square_ * static_cast<double>(row); }
  static std::string style_of(const HeatCell& cell) {
    return std::to_string(cell.style % html::kStyles);
  }

  void titles() {
    const double across = square_ * static_cast<double>(map_.columns.size()) / 2;
    const double down = square_ * static_cast<double>(map_.rows.size()) / 2;
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"12\" text-anchor=\"middle\">{}</text>",
                        left_ + across, html::escape(map_.column_title));
    out_ += fmt::format(
        "<text transform=\"translate(12 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        top_ + down, html::escape(map_.row_title));
  }

  void names() {
    for (std::size_t i = 0; i < map_.rows.size(); ++i)
      out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                          left_ - 5, y_at(i) + square_ / 2 + 4, html::escape(shown(map_.rows[i])));
    for (std::size_t i = 0; i < map_.columns.size(); ++i) {
      const double x = x_at(i) + square_ / 2;
      const std::string place =
          turned_
              ? fmt::format("transform=\"translate({:.1f} {:.1f}) rotate(-60)\"", x + 3, top_ - 5)
              : fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\"", x, top_ - 5);
      out_ += fmt::format("<text {}>{}</text>", place, html::escape(shown(map_.columns[i])));
    }
  }

  void whole(const HeatCell& cell) {
    const double x = x_at(cell.column);
    const double y = y_at(cell.row);
    out_ += fmt::format(
        "<g><title>{}</title><rect class=\"bar s{}\" fill-opacity=\"{:.2f}\" x=\"{:.1f}\" "
        "y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
        html::escape(cell.about), style_of(cell), opacity(cell.shade), x, y, square_, square_);
    if (!cell.text.empty())
      out_ += fmt::format("<text class=\"count\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>",
                          x + square_ / 2, y + square_ / 2 + 4, fitted(cell.text),
                          html::escape(cell.text));
    out_ += "</g>";
  }
  // Squeezed where it is wider than its square.
  std::string fitted(const std::string& text) const {
    if (kCellLetter * static_cast<double>(text.size()) <= square_ - 2) return "";
    return fmt::format(" textLength=\"{:.1f}\" lengthAdjust=\"spacingAndGlyphs\"", square_ - 3);
  }

  static double opacity(double shade) {
    return std::isfinite(shade) ? kDarkest * std::clamp(shade, 0.0, 1.0) : 0;
  }

  void by_shade() {
    std::map<std::pair<int, int>, std::string> paths;  // of a style and a shade
    for (const HeatCell& cell : map_.cells) {
      const int shade = static_cast<int>(std::ceil(kHeatShades * std::clamp(cell.shade, 0.0, 1.0)));
      if (shade == 0) continue;
      paths[{cell.style, shade}] += fmt::format("M{} {}h1v1h-1z", cell.column, cell.row);
    }
    out_ += fmt::format("<g transform=\"translate({:.1f} {:.1f}) scale({:.4f})\">", left_, top_,
                        square_);
    for (const auto& [kind, path] : paths)
      out_ += fmt::format("<path class=\"bar s{}\" fill-opacity=\"{:.2f}\" d=\"{}\"/>",
                          kind.first % html::kStyles,
                          static_cast<double>(kind.second) / kHeatShades, path);
    out_ += "</g>";
  }

  const HeatMap& map_;
  std::size_t side_;
  bool named_;
  bool turned_ = false;
  double left_ = 20;
  double top_ = 20;
  double square_ = 1;
  int width_ = 0;
  std::string out_;
};

}  // namespace

std::string to_svg(const HeatMap& map, int width) { return HeatDrawing(map, width).svg(); }

}  // namespace evenkeel
