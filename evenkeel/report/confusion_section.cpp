// SPDX-License-Identifier: Apache-2.0
// What a network confuses: matrix, classes, worst mistakes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/chart_card.h"
#include "evenkeel/report/data_uri.h"
#include "evenkeel/report/heat_map.h"
#include "evenkeel/report/run_sections.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using html::escape;

constexpr int kRight = 3;  // styles
constexpr int kWrong = 2;
constexpr double kPalest = 0.15;  // that can still be seen
constexpr int kWide = 560;        // of a matrix
constexpr int kNarrow = 330;

struct Confused {
  std::int64_t label = 0;
  std::int64_t predicted = 0;
  std::int64_t count = 0;
};

// The most frequent first.
std::vector<Confused> mistaken_pairs(const Confusion& confusion) {
  std::vector<Confused> pairs;
  for (std::int64_t i = 0; i < confusion.classes; ++i)
    for (std::int64_t k = 0; k < confusion.classes; ++k)
      if (i != k && confusion.count(i, k) > 0) pairs.push_back({i, k, confusion.count(i, k)});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Confused& a, const Confused& b) { return a.count > b.count; });
  return pairs;
}

double share(const Confusion& confusion, std::int64_t label, std::int64_t predicted) {
  const std::int64_t all = confusion.images_of(label);
  return all > 0 ? static_cast<double>(confusion.count(label, predicted)) / static_cast<double>(all)
                 : 0;
}

HeatMap map_of(const RunLook& look, const std::vector<Confused>& pairs) {
  const Confusion& confusion = look.judged->confusion;
  HeatMap map;
  map.title = fmt::format("Confusion matrix of {} classes: {} of {} images in the right one",
                          confusion.classes, confusion.correct, confusion.images);
  map.row_title = "true class";
  map.column_title = "predicted class";
  const bool with_text = confusion.classes <= static_cast<std::int64_t>(kMostWithText);
  for (std::int64_t i = 0; i < confusion.classes; ++i) map.rows.push_back(class_name(look, i));
  map.columns = map.rows;
  double most = 0;
  for (const Confused& pair : pairs)
    most = std::max(most, share(confusion, pair.label, pair.predicted));
  const auto add = [&](std::int64_t i, std::int64_t k, double shade, int style) {
    HeatCell cell{static_cast<std::size_t>(i), static_cast<std::size_t>(k), shade, style};
    if (with_text) {
      cell.text = std::to_string(confusion.count(i, k));
      cell.about = fmt::format(
          "true {}, predicted {}: {} of {} images", map.rows[static_cast<std::size_t>(i)],
          map.rows[static_cast<std::size_t>(k)], confusion.count(i, k), confusion.images_of(i));
    }
    map.cells.push_back(std::move(cell));
  };
  for (std::int64_t i = 0; i < confusion.classes; ++i)
    if (confusion.images_of(i) > 0) add(i, i, confusion.recall(i), kRight);
  for (const Confused& pair : pairs)
    add(pair.label, pair.predicted,
        std::max(kPalest, std::sqrt(share(confusion, pair.label, pair.predicted) / most)), kWrong);
  return map;
}

// What the class is taken for most often; "" where it never is for another.
std::string most_often(const RunLook& look, const std::vector<Confused>& pairs,
                       std::int64_t label) {
  for (const Confused& pair : pairs)
    if (pair.label == label)
      return fmt::format("{} ({})", class_name(look, pair.predicted), with_thousands(pair.count));
  return "";
}

std::string class_table(const RunLook& look, const std::vector<Confused>& pairs) {
  const Confusion& confusion = look.judged->confusion;
  html::Table table;
  table.head = {"class", "images", "recall", "precision", "most often taken for"};
  for (std::int64_t i = 0; i < confusion.classes; ++i)
    table.rows.push_back({escape(class_name(look, i)), with_thousands(confusion.images_of(i)),
                          percent_text(confusion.recall(i)), percent_text(confusion.precision(i)),
                          escape(most_often(look, pairs, i))});
  return to_html(table,
                 "Recall: of a class's images, those that were found; precision: of those taken "
                 "for it, those that are of it");
}

std::string pair_table(const RunLook& look, const std::vector<Confused>& pairs) {
  constexpr std::size_t kShown = 12;
  const Confusion& confusion = look.judged->confusion;
  html::Table table;
  table.head = {"true class", "taken for", "images", "of the class"};
  for (std::size_t i = 0; i < std::min(kShown, pairs.size()); ++i)
    table.rows.push_back({escape(class_name(look, pairs[i].label)),
                          escape(class_name(look, pairs[i].predicted)),
                          with_thousands(pairs[i].count),
                          percent_text(share(confusion, pairs[i].label, pairs[i].predicted))});
  return to_html(table, "The most frequent mistakes");
}

std::string count_table(const RunLook& look) {
  const Confusion& confusion = look.judged->confusion;
  html::Table table;
  table.head = {"true class"};
  for (std::int64_t k = 0; k < confusion.classes; ++k)
    table.head.push_back(escape(class_name(look, k)));
  for (std::int64_t i = 0; i < confusion.classes; ++i) {
    std::vector<std::string> row = {escape(class_name(look, i))};
    for (std::int64_t k = 0; k < confusion.classes; ++k)
      row.push_back(with_thousands(confusion.count(i, k)));
    table.rows.push_back(std::move(row));
  }
  return to_html(table, "Images by true class (rows) and predicted class (columns)");
}

std::string judged_text(const RunLook& look) {
  const Confusion& confusion = look.judged->confusion;
  return fmt::format("{} {} images of {} by {}: accuracy {}, loss {}.",
                     with_thousands(confusion.images), look.split, look.data, checkpoint_text(look),
                     percent_text(confusion.accuracy()), short_number(confusion.loss));
}

}  // namespace

std::string class_name(const RunLook& look, std::int64_t label) {
  const auto at = static_cast<std::size_t>(label);
  return at < look.class_names.size() ? look.class_names[at] : std::to_string(label);
}

std::string confusion_section(const RunLook& look, const RunDetail& detail, int level) {
  if (!look.judged) return "";
  const Confusion& confusion = look.judged->confusion;
  const std::vector<Confused> pairs = mistaken_pairs(confusion);
  const bool few = confusion.classes <= static_cast<std::int64_t>(kMostWithText);
  std::string body = html::heading("What it confuses", level) + html::paragraph(judged_text(look));
  body += "<div class=\"pair\">";
  if (confusion.classes <= detail.classes) {
    const HeatMap drawn = map_of(look, pairs);
    std::string map = to_svg(drawn, kWide);
    if (few)
      map = "<div class=\"wide\">" + map + "</div><div class=\"narrow\">" + to_svg(drawn, kNarrow) +
            "</div>";
    if (few && detail.numbers) map += html::details("The same in numbers", count_table(look));
    body += html::card("Confusion matrix: rows are true, columns predicted classes", map);
  }
  std::string tables;
  if (!few && !pairs.empty()) tables = pair_table(look, pairs);
  const std::string classes = class_table(look, pairs);
  tables += few ? classes : html::details("Each class", classes);
  return body + html::card("By class", tables) + "</div>\n";
}

std::string mistakes_section(const RunLook& look, const RunDetail& detail, int level) {
  if (!look.judged || look.judged->worst.empty() || detail.mistakes == 0) return "";
  const auto& worst = look.judged->worst;
  const std::size_t shown = std::min(detail.mistakes, worst.size());
  std::string body = html::heading("Its worst mistakes", level);
  body += html::paragraph(fmt::format(
      "The {} {} images that it is most wrong about, of {} in the wrong class: those with the "
      "largest loss.",
      shown, look.split,
      with_thousands(look.judged->confusion.images - look.judged->confusion.correct)));
  body += "<div class=\"thumbs\">";
  for (std::size_t i = 0; i < shown; ++i) {
    const Mistake& each = worst[i];
    const std::string label = class_name(look, each.label);
    const std::string predicted = class_name(look, each.predicted);
    body += fmt::format(
        "<figure><img alt=\"{}\" src=\"{}\"><figcaption><b>{}</b> taken for <b>{}</b> ({})<br>{} "
        "had {}<br>image {}</figcaption></figure>\n",
        escape(
            fmt::format("{} image {}: {}, taken for {}", look.split, each.index, label, predicted)),
        data_uri(each.picture), escape(label), escape(predicted),
        percent_text(each.predicted_probability, 1), escape(label),
        percent_text(each.label_probability), each.index);
  }
  return body + "</div>\n";
}

}  // namespace evenkeel
