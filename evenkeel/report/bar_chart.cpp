// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/bar_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/html.h"

namespace evenkeel {

std::string bars_svg(const std::string& title, const std::vector<Bar>& bars, int width) {
  constexpr int kRow = 40;
  constexpr double kTextRoom = 120;
  double largest = 0;
  for (const Bar& bar : bars)
    if (std::isfinite(bar.value)) largest = std::max(largest, bar.value);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", width,
                                kRow * std::max<std::size_t>(1, bars.size()), html::escape(title));
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double share = largest > 0 && std::isfinite(bars[i].value) ? bars[i].value / largest : 0;
    const double length = std::max(1.0, share * (width - kTextRoom));
    const auto top = static_cast<double>(i) * kRow;
    svg += fmt::format(
        "<text x=\"0\" y=\"{:.0f}\">{}</text><rect class=\"bar s{}\" x=\"0\" y=\"{:.0f}\" "
        "width=\"{:.1f}\" height=\"14\" rx=\"2\"/><text x=\"{:.1f}\" y=\"{:.0f}\">{}</text>",
        top + 13, html::escape(bars[i].name), bars[i].style % html::kStyles, top + 19, length,
        length + 6, top + 31, html::escape(bars[i].text));
  }
  return svg + "</svg>\n";
}

std::string histogram_svg(const std::string& title, double low, double high,
                          const std::vector<std::int64_t>& counts, int style) {
  constexpr double kWidth = 140;
  constexpr double kHeight = 56;
  std::int64_t most = 1;
  for (const std::int64_t count : counts) most = std::max(most, count);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                                kWidth, kHeight + 18, html::escape(title));
  const double width = kWidth / static_cast<double>(std::max<std::size_t>(1, counts.size()));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double height =
        std::max(1.0, kHeight * static_cast<double>(counts[i]) / static_cast<double>(most));
    svg += fmt::format(
        "<rect class=\"bar s{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
        style % html::kStyles, static_cast<double>(i) * width, kHeight - height,
        std::max(1.0, width - 0.6), height);
  }
  svg += fmt::format(
      "<line class=\"axis-line\" x1=\"0\" x2=\"{0}\" y1=\"{1}\" y2=\"{1}\"/><text x=\"0\" "
      "y=\"{2}\">{3}"
      "</text><text x=\"{0}\" y=\"{2}\" text-anchor=\"end\">{4}</text>",
      kWidth, kHeight, kHeight + 14, short_number(low), short_number(high));
  return svg + "</svg>\n";
}

}  // namespace evenkeel
