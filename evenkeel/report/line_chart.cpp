// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "evenkeel/report/html.h"

namespace evenkeel {
namespace {

constexpr double kLetter = 6.7;      // about the width of one, in pixels of 12
constexpr double kBoldLetter = 7.8;  // of a name at a line's end: a picture by itself cuts it off
constexpr double kLabelHeight = 15;

struct Frame {
  double left, top, right, bottom;
  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

std::string style_of(int style) { return "s" + std::to_string(style % html::kStyles); }

std::string line_class(const ChartSeries& series) {
  return "line " + style_of(series.style) + (series.faint ? " faint" : "");
}

std::vector<double> values_of(const LineChart& chart, bool x) {
  std::vector<double> values;
  const auto add = [&](const std::vector<double>& more) {
    values.insert(values.end(), more.begin(), more.end());
  };
  for (const ChartSeries& series : chart.series) {
    add(x ? series.x : series.y);
    if (x) continue;
    add(series.low);
    add(series.high);
  }
  for (const ChartMark& mark : chart.marks) values.push_back(x ? mark.x : mark.y);
  return values;
}

Axis axis_of(const LineChart& chart, bool x) {
  const ChartAxis& wanted = x ? chart.x : chart.y;
  const Axis needed = Axis::around(values_of(chart, x), wanted.scale, !x);
  return {wanted.low.value_or(needed.low()), wanted.high.value_or(needed.high()), wanted.scale};
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t length = 0;
  for (const std::string& text : texts) length = std::max(length, text.size());
  return length;
}

class Drawing {
 public:
  Drawing(const LineChart& chart, const ChartSize& size)
      : chart_(chart), size_(size), x_(axis_of(chart, true)), y_(axis_of(chart, false)) {
    const int y_count = std::max(2, size.height / 60);
    y_ticks_ = y_.ticks(y_count);
    y_labels_ = y_.labels(y_ticks_);
    double right = 12;
    if (size.labels)
      for (const ChartSeries& series : chart.series)
        if (!series.faint)
          right = std::max(right, 10 + kBoldLetter * static_cast<double>(series.name.size()));
    frame_ = {26 + kLetter * static_cast<double>(longest(y_labels_)), 10, size.width - right,
              static_cast<double>(size.height) - 42};
    place_x_ticks();
  }

  std::string svg() {
    out_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", size_.width,
                       size_.height, html::escape(chart_.title));
    grid();
    for (const ChartSeries& series : chart_.series) band(series);
    for (const ChartSeries& series : chart_.series) line(series);
    for (const ChartMark& mark : chart_.marks) cross(mark);
    if (size_.labels) labels();
    return out_ + "</svg>\n";
  }

 private:
  // As many as there is room for. Where rounding leaves fewer than three, which hardly tell a
  // scale, closer ones, as long as their labels stand apart.
  void place_x_ticks() {
    constexpr int kMost = 8;
    const int room = std::clamp(static_cast<int>(frame_.width() / 75), 2, kMost);
    set_x_ticks(room);
    for (int count = room + 1; count <= kMost && x_ticks_.size() < 3; ++count) {
      const auto before = std::pair(x_ticks_, x_labels_);
      set_x_ticks(count);
      if (!labels_apart()) std::tie(x_ticks_, x_labels_) = before;
    }
  }
  void set_x_ticks(int count) {
    x_ticks_ = x_.ticks(count);
    const auto between = [](double tick) { return std::abs(tick - std::round(tick)) > 1e-6; };
    if (chart_.x.whole) std::erase_if(x_ticks_, between);
    x_labels_ = x_.labels(x_ticks_);
  }
  bool labels_apart() const {
    const double width = kLetter * static_cast<double>(longest(x_labels_));
    for (std::size_t i = 1; i < x_ticks_.size(); ++i)
      if (x_at(x_ticks_[i]) - x_at(x_ticks_[i - 1]) < width + 12) return false;
    return true;
  }
  double x_at(double value) const { return frame_.left + frame_.width() * x_.place(value); }
  // What lies outside of the axis is drawn at its edge.
  double y_at(double value) const {
    return frame_.bottom - frame_.height() * std::clamp(y_.place(value), 0.0, 1.0);
  }
  bool shown(double x, double y) const {
    return std::isfinite(x_.place(x)) && std::isfinite(y_.place(y)) && x_.place(x) > -1e-9 &&
           x_.place(x) < 1 + 1e-9;
  }
  std::string point(double x, double y) const {
    return fmt::format("{:.1f} {:.1f}", x_at(x), y_at(y));
  }

  void grid() {
    for (std::size_t i = 0; i < y_ticks_.size(); ++i) {
      const double y = y_at(y_ticks_[i]);
      out_ += fmt::format(
          "<line class=\"grid-line\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
          "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
          frame_.left, frame_.right, y, y, frame_.left - 6, y + 4, y_labels_[i]);
    }
    for (std::size_t i = 0; i < x_ticks_.size(); ++i) {
      const double x = x_at(x_ticks_[i]);
      out_ += fmt::format(
          "<line class=\"axis-line\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>"
          "<text x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>",
          x, frame_.bottom, frame_.bottom + 4, frame_.bottom + 17, x_labels_[i]);
    }
    out_ += fmt::format(
        "<line class=\"axis-line\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
        frame_.left, frame_.right, frame_.bottom, frame_.bottom);
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                        (frame_.left + frame_.right) / 2, size_.height - 6,
                        html::escape(chart_.x.title));
    out_ += fmt::format(
        "<text transform=\"translate(12 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        (frame_.top + frame_.bottom) / 2, html::escape(chart_.y.title));
  }

  void band(const ChartSeries& series) {
    if (series.low.size() != series.x.size() || series.high.size() != series.x.size()) return;
    std::string upper;
    std::vector<std::string> lower;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (!shown(series.x[i], series.low[i]) || !shown(series.x[i], series.high[i])) continue;
      upper += (upper.empty() ? "M" : "L") + point(series.x[i], series.high[i]);
      lower.push_back("L" + point(series.x[i], series.low[i]));
    }
    if (lower.empty()) return;
    for (auto each = lower.rbegin(); each != lower.rend(); ++each) upper += *each;
    out_ += "<path class=\"band " + style_of(series.style) + "\" d=\"" + upper + "Z\"/>";
  }

  void line(const ChartSeries& series) {
    std::string path;
    bool pen_down = false;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      const bool here = shown(series.x[i], series.y[i]);
      if (here) path += (pen_down ? "L" : "M") + point(series.x[i], series.y[i]);
      pen_down = here;
    }
    if (!path.empty()) out_ += "<path class=\"" + line_class(series) + "\" d=\"" + path + "\"/>";
    if (!series.dots) return;
    for (std::size_t i = 0; i < series.x.size(); ++i)
      if (shown(series.x[i], series.y[i]))
        out_ += fmt::format("<circle class=\"dot {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"/>",
                            style_of(series.style), x_at(series.x[i]), y_at(series.y[i]));
  }

  void cross(const ChartMark& mark) {
    if (!shown(mark.x, mark.y)) return;
    const double x = x_at(mark.x);
    const double y = y_at(mark.y);
    out_ += fmt::format(
        "<path class=\"mark {}\" d=\"M{:.1f} {:.1f}l10 10m0 -10l-10 10\"><title>{}</title></path>",
        style_of(mark.style), x - 5, y - 5, html::escape(mark.text));
    // Words where they fit to one of its sides, and not two on one place.
    const double length = kLetter * static_cast<double>(mark.text.size());
    const bool right = x + 10 + length <= frame_.right;
    if (mark.text.empty() || (!right && x - 10 - length < frame_.left)) return;
    double at = std::clamp(y + 4, frame_.top + 10, frame_.bottom - 4);
    for (const double taken : words_at_)
      if (std::abs(taken - at) < 12) at = taken - 12;
    words_at_.push_back(at);
    out_ += fmt::format("<text class=\"end label {}\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>",
                        style_of(mark.style), right ? x + 10 : x - 10, at,
                        right ? "" : " text-anchor=\"end\"", html::escape(mark.text));
  }

  struct Label {
    double y;
    const ChartSeries* series;
  };

  // Names at the lines' ends, moved apart where they would overlap.
  void labels() {
    std::vector<Label> labels;
    for (const ChartSeries& series : chart_.series)
      for (std::size_t i = series.faint ? 0 : series.x.size(); i-- > 0;)
        if (shown(series.x[i], series.y[i])) {
          labels.push_back({y_at(series.y[i]), &series});
          break;
        }
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.y < b.y; });
    for (std::size_t i = 1; i < labels.size(); ++i)
      labels[i].y = std::max(labels[i].y, labels[i - 1].y + kLabelHeight);
    double most = frame_.bottom;
    for (std::size_t i = labels.size(); i-- > 0;) {
      labels[i].y = std::min(labels[i].y, most);
      most = labels[i].y - kLabelHeight;
    }
    for (const Label& label : labels)
      out_ += fmt::format("<text class=\"label {}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                          style_of(label.series->style), frame_.right + 6, label.y + 4,
                          html::escape(label.series->name));
  }

  const LineChart& chart_;
  const ChartSize& size_;
  Axis x_;
  Axis y_;
  std::vector<double> x_ticks_;
  std::vector<double> y_ticks_;
  std::vector<std::string> x_labels_;
  std::vector<std::string> y_labels_;
  Frame frame_ = {};
  std::vector<double> words_at_;  // heights of the marks' words
  std::string out_;
};

}  // namespace

std::string to_svg(const LineChart& chart, const ChartSize& size) {
  return Drawing(chart, size).svg();
}

std::string responsive_svg(const LineChart& chart, const ChartSize& wide) {
  constexpr ChartSize kNarrow = {320, 260, false};
  return "<div class=\"wide\">" + to_svg(chart, wide) + "</div><div class=\"narrow\">" +
         to_svg(chart, kNarrow) + "</div>\n";
}

std::string legend(const std::vector<ChartSeries>& series) {
  std::string html = "<ul class=\"legend\">";
  for (const ChartSeries& each : series)
    html += "<li><svg viewBox=\"0 0 30 12\" aria-hidden=\"true\"><path class=\"" +
            line_class(each) + "\" d=\"M1 6L29 6\"/></svg>" + html::escape(each.name) + "</li>";
  return html + "</ul>\n";
}

}  // namespace evenkeel
