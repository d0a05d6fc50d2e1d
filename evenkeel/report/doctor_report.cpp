// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/doctor_report.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace evenkeel {
namespace {

using Found = std::vector<Finding>::const_iterator;

constexpr std::size_t kMargin = 6;  // behind the severity
constexpr std::size_t kLongestLabel = 20;
constexpr std::ptrdiff_t kShown = 5;  // layers of a group; JSON has all

// Columns of a UTF-8 text without wide characters.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// `label` in a column of its own, the text beside it.
class Paragraphs {
 public:
  Paragraphs(std::size_t label_width, std::size_t width)
      : indent_(kMargin + label_width + 2), width_(width) {}

  void line(const std::string& text) { result_ += text + "\n"; }
  void add(const std::string& label, const std::string& text) {
    std::string line = std::string(kMargin, ' ') + label;
    const std::size_t used = columns(line);
    if (used + 2 > indent_) {
      this->line(line);
      line.clear();
    }
    line.append(indent_ - columns(line), ' ');
    bool first = true;
    for (const std::string& word : words_of(text)) {
      if (!first && columns(line) + 1 + columns(word) > width_) {
        this->line(line);
        line = std::string(indent_, ' ');
        first = true;
      }
      line += (first ? "" : " ") + word;
      first = false;
    }
    this->line(line);
  }
  const std::string& text() const { return result_; }

 private:
  // A number and its percent sign stay together.
  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) {
      const bool sign = word.front() == '%' && !words.empty();
      if (sign)
        words.back() += " " + word;
      else
        words.push_back(word);
    }
    return words;
  }

  std::size_t indent_;
  std::size_t width_;
  std::string result_;
};

std::string label_of(const Finding& finding) {
  return finding.layer.empty() ? "all" : finding.layer;
}

bool one_group(const Finding& a, const Finding& b) {
  return a.id == b.id && a.severity == b.severity;
}

void add_group(Found begin, Found end, Paragraphs& page) {
  std::string severity(to_string(begin->severity));
  severity.resize(kMargin, ' ');
  page.line(severity + begin->id);
  const bool same_fix =
      std::all_of(begin, end, [&](const Finding& each) { return each.fix == begin->fix; });
  const Found shown = end - begin > kShown + 1 ? begin + kShown : end;
  for (Found each = begin; each != shown; ++each) {
    page.add(label_of(*each), each->evidence);
    if (!same_fix) page.add("fix", each->fix);
  }
  std::string others;
  for (Found each = shown; each != end; ++each)
    others += (others.empty() ? "" : ", ") + label_of(*each);
  if (!others.empty()) page.add("...", std::to_string(end - shown) + " more: " + others);
  page.add("why", begin->why);
  if (same_fix) page.add("fix", begin->fix);
}

std::string counted(std::ptrdiff_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string to_text(const std::vector<Finding>& findings, std::size_t width) {
  std::size_t label = 3;
  for (const Finding& finding : findings)
    if (columns(label_of(finding)) <= kLongestLabel)
      label = std::max(label, columns(label_of(finding)));
  Paragraphs page(label, width);
  for (Found begin = findings.begin(); begin != findings.end();) {
    const Found end = std::find_if_not(
        begin, findings.end(), [&](const Finding& each) { return one_group(*begin, each); });
    if (begin != findings.begin()) page.line("");
    add_group(begin, end, page);
    begin = end;
  }
  return page.text();
}

std::string totals_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& [severity, what] :
       {std::pair(Severity::error, "error"), std::pair(Severity::warning, "warning"),
        std::pair(Severity::info, "note")}) {
    const auto wanted = severity;
    const auto count = std::count_if(findings.begin(), findings.end(),
                                     [&](const Finding& each) { return each.severity == wanted; });
    if (count > 0) text += (text.empty() ? "" : ", ") + counted(count, what);
  }
  return text.empty() ? "nothing found" : text;
}

std::string to_json(const Finding& finding) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  json["event"] = "finding";
  json["severity"] = to_string(finding.severity);
  json["id"] = finding.id;
  json["layer"] = finding.layer;
  json["evidence"] = finding.evidence;
  json["numbers"] = finding.numbers;
  json["why"] = finding.why;
  json["fix"] = finding.fix;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace evenkeel
