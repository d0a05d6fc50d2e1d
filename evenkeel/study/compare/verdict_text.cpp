// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/verdict_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace evenkeel::compare {

std::string percent(double accuracy) { return fmt::format("{:.2f} %", 100 * accuracy); }

std::string count_text(double count) {
  std::string text = fmt::format("{:.0f}", count);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string seconds_text(double seconds) {
  if (seconds >= 100) return fmt::format("{:.0f} s", seconds);
  return seconds >= 1 ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.0f} ms", 1000 * seconds);
}

std::string ratio_text(double value) {
  return value >= 10 ? fmt::format("{:.0f}", value) : fmt::format("{:.2g}", value);
}

std::string times_text(double factor, const char* more, const char* less) {
  return factor >= 1 ? fmt::format("{} times {}", ratio_text(factor), more)
                     : fmt::format("{} times {}", ratio_text(1 / factor), less);
}

std::string name_of(const Analysis& analysis, const Cell& cell) {
  const std::string name = "'" + analysis.alternative(cell).name + "'";
  if (analysis.results().study.learning_rates.size() == 1) return name;
  return fmt::format("{} at rate {:g}", name, analysis.rate(cell));
}

Verdict together(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return Verdict::unknown;
  const bool same = std::all_of(verdicts.begin(), verdicts.end(),
                                [&](Verdict each) { return each == verdicts.front(); });
  return same ? verdicts.front() : Verdict::in_part;
}

}  // namespace evenkeel::compare
