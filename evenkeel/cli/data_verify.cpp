// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/data_verify.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

using datasets::ImagePlace;
using datasets::PartReport;
using datasets::SetReport;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostClassRows = 20;

// A file's name may be no UTF-8.
void print(const Json& json) {
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

std::string class_name(const SetReport& report, std::size_t c) {
  return c < report.class_names.size() ? report.class_names[c] : std::to_string(c);
}

std::string text_of(const ImagePlace& place) {
  return place.split + " " + std::to_string(place.index) +
         (place.file.empty() ? "" : " (" + place.file.string() + ")");
}

Json json_of(const ImagePlace& place) {
  Json json = {{"split", place.split}, {"index", place.index}};
  if (!place.file.empty()) json["file"] = place.file.string();
  return json;
}

// A row a class, or of many classes only the smallest and the largest number.
void print_labels(const SetReport& report) {
  std::vector<TextTable::Column> columns = {{"class", TextTable::Align::left}};
  for (const PartReport& part : report.parts) columns.push_back({part.split});
  TextTable table(columns);
  const std::size_t classes = report.parts.front().of_class.size();
  const auto row = [&](const std::string& title, auto&& number) {
    std::vector<std::string> cells = {title};
    for (const PartReport& part : report.parts) cells.push_back(with_thousands(number(part)));
    table.add(cells);
  };
  if (classes <= kMostClassRows) {
    for (std::size_t c = 0; c < classes; ++c)
      row(class_name(report, c), [&](const PartReport& part) { return part.of_class[c]; });
  } else {
    row("smallest class", [](const PartReport& part) {
      return *std::min_element(part.of_class.begin(), part.of_class.end());
    });
    row("largest class", [](const PartReport& part) {
      return *std::max_element(part.of_class.begin(), part.of_class.end());
    });
  }
  table.rule();
  row("all", [](const PartReport& part) { return part.images; });
  std::cout << table.text();
}

void print_finding(const datasets::Finding& finding) {
  std::cout << (finding.spoils ? "BAD   " : "note  ");
  if (!finding.file.empty()) std::cout << finding.file.string() << ": ";
  std::cout << finding.text << "\n";
  for (const datasets::Finding::Pair& pair : finding.pairs)
    std::cout << "        " << text_of(pair.one) << " is " << text_of(pair.other) << "\n";
}

}  // namespace

void print_report(const SetReport& report) {
  for (const datasets::FileReport& file : report.files) {
    std::cout << (file.good() ? "good  " : "BAD   ") << file.path.string();
    if (!file.good()) std::cout << ": " << file.problem;
    if (file.good() && file.expected.empty())
      std::cout << " (its structure: what its SHA-256 should be is not known)";
    std::cout << "\n";
  }
  if (!report.parts.empty()) {
    const Shape& shape = report.image_shape;
    std::cout << report.name << ": " << report.parts.front().of_class.size() << " classes, "
              << shape[1] << "x" << shape[0] << ", " << shape[2]
              << (shape[2] == 1 ? " channel\n" : " channels\n");
    print_labels(report);
  }
  for (const datasets::Finding& finding : report.findings) print_finding(finding);
  if (report.wrong() == 0) std::cout << report.name << ": nothing to mend before training\n";
}

void print_report_json(const SetReport& report) {
  for (const datasets::FileReport& file : report.files)
    print({{"event", "verified"},
           {"name", report.name},
           {"path", file.path.string()},
           {"good", file.good()},
           {"sha256", file.sha256},
           {"sha256_known", !file.expected.empty()},
           {"problem", file.problem}});
  for (const PartReport& part : report.parts)
    print({{"event", "part"},
           {"name", report.name},
           {"split", part.split},
           {"images", part.images},
           {"of_class", part.of_class}});
  for (const datasets::Finding& finding : report.findings) {
    Json json = {{"event", "finding"},
                 {"name", report.name},
                 {"kind", finding.kind},
                 {"spoils", finding.spoils},
                 {"text", finding.text}};
    if (!finding.file.empty()) json["file"] = finding.file.string();
    for (const datasets::Finding::Pair& pair : finding.pairs)
      json["pairs"].push_back({json_of(pair.one), json_of(pair.other)});
    print(json);
  }
  Json json = {{"event", "set"}, {"name", report.name}, {"wrong", report.wrong()}};
  if (!report.parts.empty()) {
    json["classes"] = report.parts.front().of_class.size();
    json["class_names"] = report.class_names;
    json["image"] = report.image_shape.dims();
  }
  print(json);
}

}  // namespace evenkeel::cli
