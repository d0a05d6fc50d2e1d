// SPDX-License-Identifier: Apache-2.0
#include "bench/report/scaling_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "evenkeel/base/error.h"

namespace evenkeel::bench {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const ScalingPoint& point) {
  return {{"series", point.series},
          {"network", point.network},
          {"value", point.value},
          {"batch", point.batch},
          {"threads", point.threads},
          {"images_s", point.images_s},
          {"best_images_s", point.best_images_s},
          {"peak_megabytes", point.peak_megabytes}};
}

using Rows = std::map<std::int64_t, std::map<int, const ScalingPoint*>>;

std::string cell(const std::map<int, const ScalingPoint*>& row, int threads, bool memory) {
  const auto found = row.find(threads);
  if (found == row.end()) return "-";
  return fmt::format("{:.0f}",
                     memory ? found->second->peak_megabytes : found->second->best_images_s);
}

std::string table(const std::string& series, const Rows& rows) {
  std::set<int> threads;
  for (const auto& [value, row] : rows)
    for (const auto& [count, point] : row) threads.insert(count);
  std::string head = "| " + series + " |";
  std::string rule = "|---|";
  for (const char* what : {"images/s", "peak MB"})
    for (const int count : threads) {
      head += fmt::format(" {}, {} thread{} |", what, count, count == 1 ? "" : "s");
      rule += "---|";
    }
  std::string text = head + "\n" + rule + "\n";
  for (const auto& [value, row] : rows) {
    text += fmt::format("| {} |", value);
    for (const bool memory : {false, true})
      for (const int count : threads) text += " " + cell(row, count, memory) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const ScalingReport& report) {
  std::string text = fmt::format("{}, {}\n", report.cpu, report.instruction_set);
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, Rows> tables;
  for (const ScalingPoint& point : report.points) {
    const auto key = std::make_pair(point.series, point.network);
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
    tables[key][point.value][point.threads] = &point;
  }
  for (const auto& key : order) {
    const bool by_batch = key.first == "batch";
    text += fmt::format("\n{} by {}{}\n\n", key.second, key.first, by_batch ? "" : ", batch 128");
    text += table(key.first, tables[key]);
  }
  return text;
}

std::string to_json(const ScalingReport& report) {
  Json points = Json::array();
  for (const ScalingPoint& point : report.points) points.push_back(json_of(point));
  return Json{{"cpu", report.cpu}, {"instruction_set", report.instruction_set}, {"points", points}}
      .dump(1);
}

std::string to_line(const ScalingPoint& point) { return json_of(point).dump(); }

ScalingPoint point_from_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    return {json.at("series"),        json.at("network"),       json.at("value"),
            json.at("batch"),         json.at("threads"),       json.at("images_s"),
            json.at("best_images_s"), json.at("peak_megabytes")};
  } catch (const Json::exception& error) {
    throw DataError("scaling", std::string("expected a measured point: ") + error.what());
  }
}

}  // namespace evenkeel::bench
