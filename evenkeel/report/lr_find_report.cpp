// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/lr_find_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "evenkeel/base/version.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/report/axis.h"
#include "evenkeel/report/html.h"
#include "evenkeel/report/line_chart.h"
#include "evenkeel/report/sparkline.h"
#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using Json = nlohmann::ordered_json;

std::string end_sentence(const LrFind& find) {
  if (find.points.empty()) return "No step was made: " + find.end_text;
  const std::string at = short_number(find.points.back().rate);
  switch (find.end) {
    case LrEnd::all_steps:
      return "All steps were made, up to a rate of " + at + ".";
    case LrEnd::diverged:
      return "The loss diverged at a rate of " + at + ".";
    case LrEnd::not_finite:
      return "Behind a rate of " + at + " a value was not finite: " + find.end_text;
    case LrEnd::stopped:
      return "Stopped at a rate of " + at + ".";
  }
  return "";
}

std::string why_none(const LrFind& find) {
  const LrSuggestion& s = find.suggestion;
  switch (s.verdict) {
    case LrVerdict::found:
      return "";
    case LrVerdict::too_few:
      return fmt::format(
          "only {} steps were made, at least {} are needed; begin with a smaller "
          "--from, or take more --steps",
          find.points.size(), kFewestLrPoints);
    case LrVerdict::rising:
      return "the loss is smallest at the beginning; begin with a smaller --from";
    case LrVerdict::flat:
      return fmt::format(
          "the loss hardly falls, from {} to {}; try a larger --to, or look at the "
          "network with `evenkeel doctor`",
          short_number(s.start_loss), short_number(s.minimum_loss));
    case LrVerdict::noisy:
      return fmt::format(
          "the loss falls from {} to {}, less than five times the error of {} that "
          "batches make; take a larger --batch or more --steps",
          short_number(s.start_loss), short_number(s.minimum_loss), short_number(s.noise));
  }
  return "";
}

// Losses at two rates in every factor of ten, and the last.
std::string table_of(const LrFind& find) {
  TextTable table({{"learning rate"}, {"loss"}, {"smoothed"}});
  double before = -INFINITY;
  for (const LrPoint& point : find.points) {
    const double place = std::floor(2 * std::log10(point.rate) + 1e-9);
    if (place == before && &point != &find.points.back()) continue;
    before = place;
    table.add({short_number(point.rate), fmt::format("{:.4f}", point.loss),
               fmt::format("{:.4f}", point.smoothed)});
  }
  return table.text();
}

LineChart chart_of(const LrFind& find) {
  LineChart chart;
  chart.title = "Training loss by learning rate";
  chart.x = {"learning rate", AxisScale::log};
  chart.y = {"loss of a batch"};
  ChartSeries raw{"each batch", 0};
  ChartSeries smooth{"smoothed", 1};
  double low = INFINITY;
  double high = -INFINITY;
  for (const LrPoint& point : find.points) {
    raw.x.push_back(point.rate);
    raw.y.push_back(point.loss);
    smooth.x.push_back(point.rate);
    smooth.y.push_back(point.smoothed);
    if (!std::isfinite(point.smoothed)) continue;
    low = std::min({low, point.smoothed, point.loss});
    high = std::max(high, point.smoothed);
  }
  raw.faint = true;
  // What explodes at the end must not flatten the rest.
  const LrSuggestion& s = find.suggestion;
  if (s.start_loss > 0 && high > 2 * s.start_loss) high = 2 * s.start_loss;
  if (high > low) {
    chart.y.low = low - (high - low) / 20;
    chart.y.high = high + (high - low) / 20;
  }
  chart.series = {raw, smooth};
  const auto mark = [&](double rate, int style, const std::string& text) {
    const auto at = std::min_element(
        find.points.begin(), find.points.end(), [&](const LrPoint& a, const LrPoint& b) {
          return std::abs(std::log(a.rate / rate)) < std::abs(std::log(b.rate / rate));
        });
    if (at != find.points.end()) chart.marks.push_back({rate, at->smoothed, style, text});
  };
  if (s.verdict != LrVerdict::found) return chart;
  mark(s.rate, 5, "suggested, " + short_number(s.rate));
  mark(s.steepest_rate, 2, "steepest, " + short_number(s.steepest_rate));
  mark(s.minimum_rate, 4, "smallest loss, " + short_number(s.minimum_rate));
  mark(s.tenth_rate, 3, "a tenth of that, " + short_number(s.tenth_rate));
  return chart;
}

}  // namespace

std::string suggestion_text(const LrFind& find) {
  const LrSuggestion& s = find.suggestion;
  if (s.verdict != LrVerdict::found) return "No suggestion: " + why_none(find) + ".";
  std::string text = fmt::format(
      "Suggested learning rate: {}. The loss falls fastest at {}, by {} for a factor of ten, and "
      "is "
      "smallest at {}: {}, from {} at first. ",
      short_number(s.rate), short_number(s.steepest_rate), short_number(-s.steepest_slope),
      short_number(s.minimum_rate), short_number(s.minimum_loss), short_number(s.start_loss));
  if (s.still_falling)
    return text +
           "It still fell at the end, so that the first of these counts; a larger --to may "
           "show more.";
  const std::string tenth = "a tenth of the latter, " + short_number(s.tenth_rate);
  if (s.rate == s.tenth_rate) return text + "The suggestion is " + tenth + ".";
  return text + "The suggestion is the geometric mean of the former and " + tenth + ".";
}

std::string lr_find_text(const LrFind& find, int width) {
  std::vector<double> losses;
  const LrSuggestion& s = find.suggestion;
  const double most = s.start_loss > 0 ? 2 * s.start_loss : INFINITY;
  for (const LrPoint& point : find.points) losses.push_back(std::min(point.smoothed, most));
  std::string text;
  if (!find.points.empty()) {
    const auto columns = static_cast<std::size_t>(std::clamp(width - 20, 8, 60));
    text += table_of(find) + "\n";
    if (width > 0)
      text += short_number(find.points.front().rate) + " " + sparkline(losses, columns) + " " +
              short_number(find.points.back().rate) + "\n\n";
  }
  return text + end_sentence(find) + "\n" + suggestion_text(find) + "\n";
}

std::string lr_find_json(const LrFind& find) {
  const LrSuggestion& s = find.suggestion;
  const bool found = s.verdict == LrVerdict::found;
  Json json = {{"event", "lr-find"},
               {"verdict", to_string(s.verdict)},
               {"learning_rate", found ? Json(s.rate) : Json()},
               {"steepest", found ? Json(s.steepest_rate) : Json()},
               {"steepest_slope", finite_or_null<Json>(s.steepest_slope)},
               {"tenth_of_minimum", found ? Json(s.tenth_rate) : Json()},
               {"minimum", found ? Json(s.minimum_rate) : Json()},
               {"start_loss", finite_or_null<Json>(s.start_loss)},
               {"minimum_loss", finite_or_null<Json>(s.minimum_loss)},
               {"noise", finite_or_null<Json>(s.noise)},
               {"still_falling", s.still_falling},
               {"end", to_string(find.end)}};
  if (!find.end_text.empty()) json["error"] = find.end_text;
  json["points"] = Json::array();
  for (const LrPoint& point : find.points)
    json["points"].push_back({{"learning_rate", point.rate},
                              {"loss", finite_or_null<Json>(point.loss)},
                              {"smoothed", finite_or_null<Json>(point.smoothed)}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string lr_find_page(const LrFind& find, const std::string& subject) {
  const LineChart chart = chart_of(find);
  std::string body = "<h1>Learning rate range test</h1>\n<p class=\"lead\">" +
                     html::escape(subject) + "</p>\n<ul class=\"headlines\"><li>" +
                     html::escape(suggestion_text(find)) + "</li>\n<li>" +
                     html::escape(end_sentence(find)) + "</li></ul>\n";
  body += "<div class=\"card\">" + legend(chart.series) + responsive_svg(chart, {1100, 440, true}) +
          "</div>\n";
  body +=
      "<footer>Each step trains on one batch, with a larger rate than the one before. The loss "
      "is that of the batch before its update; smoothed, an exponential average that is "
      "corrected for its beginning. After Smith 2015, \"Cyclical learning rates for training "
      "neural networks\". Made by evenkeel " +
      std::string(kVersion) + ".</footer>\n";
  return html::page("Learning rate range test", body);
}

std::string lr_find_svg(const LrFind& find, const std::string& subject) {
  LineChart chart = chart_of(find);
  chart.title = "Training loss by learning rate: " + subject;
  return html::svg_file(to_svg(chart, {900, 440, true}));
}

}  // namespace evenkeel
