// SPDX-License-Identifier: Apache-2.0
// Conditions on runs, and their order.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/base/glob.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/study/run_list.h"

namespace evenkeel {
namespace {

struct Condition {
  std::string key;
  std::string comparison;
  std::string value;
};

Condition condition_of(const std::string& text) {
  const std::size_t at = text.find_first_of("=!<>");
  if (at != std::string::npos && at > 0) {
    const bool two = at + 1 < text.size() && text[at + 1] == '=' && text[at] != '=';
    Condition condition{text.substr(0, at), text.substr(at, two ? 2 : 1),
                        text.substr(at + (two ? 2 : 1))};
    if (condition.comparison != "!") return condition;
  }
  throw InvalidArgument("--filter",
                        "expected KEY=VALUE, KEY!=VALUE, KEY<VALUE, KEY<=VALUE, KEY>VALUE or "
                        "KEY>=VALUE, got '" +
                            text + "'");
}

// Empty where the text is no number.
std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || at != end || std::isnan(number)) return std::nullopt;
  return number;
}

// Below 0, 0 or above: as numbers where both are some.
int compare(const std::string& a, const std::string& b) {
  const auto x = number_of(a);
  const auto y = number_of(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  return a.compare(b);
}

bool same(const std::string& value, const std::string& wanted) {
  return (number_of(value) && number_of(wanted)) ? compare(value, wanted) == 0
                                                 : glob_matches(wanted, value);
}

bool holds(const ListedRun& run, const Condition& condition) {
  const std::string value = value_of(run, condition.key);
  if (condition.comparison == "=") return same(value, condition.value);
  if (condition.comparison == "!=") return !same(value, condition.value);
  if (value.empty()) return false;
  const int order = compare(value, condition.value);
  if (condition.comparison == "<") return order < 0;
  if (condition.comparison == "<=") return order <= 0;
  if (condition.comparison == ">") return order > 0;
  return order >= 0;
}

void require_known(const char* flag, const std::string& key, const std::vector<ListedRun>& runs) {
  std::vector<std::string> known = run_keys();
  if (std::find(known.begin(), known.end(), key) != known.end()) return;
  std::set<std::string> settings;
  for (const ListedRun& run : runs) {
    for (const auto& [name, value] : run.run.settings) {
      settings.insert(name);
      settings.insert(name.substr(name.rfind('.') + 1));
    }
  }
  if (settings.contains(key) || runs.empty()) return;
  known.insert(known.end(), settings.begin(), settings.end());
  std::string list;
  for (const std::string& each : run_keys()) list += each + ", ";
  throw InvalidArgument(flag, "expected one of " + list + "or a setting of the runs, got '" + key +
                                  "'" + did_you_mean(key, known));
}

}  // namespace

std::vector<ListedRun> filtered(std::vector<ListedRun> runs,
                                const std::vector<std::string>& conditions) {
  std::vector<Condition> all;
  for (const std::string& text : conditions) {
    all.push_back(condition_of(text));
    require_known("--filter", all.back().key, runs);
  }
  std::erase_if(runs, [&](const ListedRun& run) {
    return !std::all_of(all.begin(), all.end(),
                        [&](const Condition& condition) { return holds(run, condition); });
  });
  return runs;
}

void sort_by(std::vector<ListedRun>& runs, const std::string& key) {
  require_known("--sort", key, runs);
  std::stable_sort(runs.begin(), runs.end(), [&](const ListedRun& a, const ListedRun& b) {
    const std::string x = value_of(a, key);
    const std::string y = value_of(b, key);
    if (x.empty() || y.empty()) return !x.empty();
    const bool x_is_number = number_of(x).has_value();
    const bool y_is_number = number_of(y).has_value();
    if (x_is_number != y_is_number) return x_is_number;
    return x_is_number ? compare(x, y) > 0 : x < y;
  });
}

}  // namespace evenkeel
