// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"
#include "evenkeel/base/suggest.h"

namespace evenkeel::sweep {
namespace {

[[noreturn]] void refuse_space(const std::string& key, const std::string& text) {
  throw InvalidArgument("--grid " + key, text);
}

bool is_whole(const std::string& text) {
  return !text.empty() && text.find_first_not_of("+-0123456789") == std::string::npos;
}

// At commas that stand in no bracket and in no quotes.
std::vector<std::string> split(const std::string& key, const std::string& list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : list) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  if (depth != 0 || quote != 0)
    refuse_space(key, "expected brackets and quotes to be closed, got '" + list + "'");
  return parts;
}

double end_of_range(const std::string& key, const std::string& text) {
  const auto number = number_of(text);
  if (!number || !std::isfinite(*number))
    refuse_space(key, "expected a range as 1e-4..1e-1, got '" + text + "' for one of its ends");
  return *number;
}

Range parse_range(const std::string& key, const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string scale = colon == std::string::npos ? "linear" : text.substr(colon + 1);
  if (scale != "log" && scale != "linear")
    refuse_space(key, "expected log or linear behind the range, got '" + scale + "'" +
                          did_you_mean(scale, {"log", "linear"}));
  const std::string ends = text.substr(0, colon);
  const std::size_t dots = ends.find("..");
  const std::string low = ends.substr(0, dots);
  const std::string high = ends.substr(dots + 2);
  const Range range = {end_of_range(key, low), end_of_range(key, high), scale == "log",
                       is_whole(low) && is_whole(high)};
  if (range.low >= range.high)
    refuse_space(key, "expected the smaller end first, got '" + text + "'");
  if (range.log && range.low <= 0)
    refuse_space(key, "expected ends above 0 for a range in logarithms, got '" + text + "'");
  return range;
}

bool is_range(const std::string& text) {
  return text.find("..") != std::string::npos &&
         text.find_first_of("/\\\"'[{") == std::string::npos;
}

// "0.1" and "1e-1" are one value.
bool same_value(const std::string& a, const std::string& b) {
  const auto x = number_of(a);
  const auto y = number_of(b);
  return x && y ? *x == *y : a == b;
}

void require_different(const Parameter& parameter) {
  for (std::size_t i = 0; i < parameter.choices.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_value(parameter.choices[i], parameter.choices[j]))
        refuse_space(parameter.key, "has the value " + parameter.choices[i] + " twice");
}

std::string value_at(const Parameter& parameter, double place) {
  if (!parameter.range) {
    const auto count = static_cast<double>(parameter.choices.size());
    return parameter.choices[static_cast<std::size_t>(place * count)];
  }
  const Range& range = *parameter.range;
  const auto between = [&](double low, double high) {
    if (!range.log) return low + place * (high - low);
    return low * std::pow(high / low, place);
  };
  if (!range.whole) return fmt::format("{:.4g}", between(range.low, range.high));
  // Each whole number has the room from half below it to half above.
  const double number = std::round(between(range.low - 0.5, range.high + 0.5));
  return fmt::format("{:.0f}", std::clamp(number, range.low, range.high));
}

}  // namespace

std::optional<double> number_of(const std::string& value) {
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

Parameter parse_parameter(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InvalidArgument("--grid",
                          "expected KEY=VALUE,VALUE or KEY=LOW..HIGH, got '" + text + "'");
  Parameter parameter;
  parameter.key = text.substr(0, equals);
  const std::string values = text.substr(equals + 1);
  parameter.typed = values;
  const auto parts = split(parameter.key, values);
  if (parts.size() == 1 && is_range(values)) {
    parameter.range = parse_range(parameter.key, values);
    return parameter;
  }
  for (const std::string& part : parts) {
    if (part.empty())
      refuse_space(parameter.key, "expected values with commas between, got '" + values + "'");
    if (is_range(part))
      refuse_space(parameter.key, "expected one range or a list of values, got '" + values + "'");
  }
  parameter.choices = parts;
  require_different(parameter);
  return parameter;
}

std::vector<Parameter> parse_parameters(const std::vector<std::string>& texts) {
  std::vector<Parameter> parameters;
  for (const std::string& text : texts) {
    Parameter parameter = parse_parameter(text);
    for (const Parameter& before : parameters)
      if (before.key == parameter.key)
        refuse_space(parameter.key,
                     "is there twice; give all of its values at once, with commas between");
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

std::string to_string(const Parameter& parameter) { return parameter.key + "=" + parameter.typed; }

std::vector<Values> grid(const std::vector<Parameter>& parameters) {
  std::int64_t count = 1;
  for (const Parameter& parameter : parameters) {
    if (parameter.range)
      refuse_space(parameter.key,
                   "expected values with commas between, got a range; --random N draws "
                   "from ranges");
    count *= std::ssize(parameter.choices);
    if (count > kMostTrials)
      throw InvalidArgument("--grid", fmt::format("expected at most {} combinations, these are "
                                                  "more; --random N draws some of them",
                                                  kMostTrials));
  }
  std::vector<Values> all = {{}};
  for (const Parameter& parameter : parameters) {
    std::vector<Values> longer;
    for (const Values& values : all)
      for (const std::string& choice : parameter.choices) {
        longer.push_back(values);
        longer.back().push_back(choice);
      }
    all = std::move(longer);
  }
  return all;
}

std::vector<Values> draw(const std::vector<Parameter>& parameters, std::int64_t count,
                         std::uint64_t seed) {
  if (count > kMostTrials)
    throw InvalidArgument("--random",
                          fmt::format("expected at most {}, got {}", kMostTrials, count));
  std::vector<Values> drawn;
  std::set<Values> seen;
  // What was drawn before is drawn again, until that is most of all there can be.
  const std::int64_t most_tries = 100 * count + 1000;
  for (std::int64_t attempt = 0; attempt < most_tries && std::ssize(drawn) < count; ++attempt) {
    Values values;
    for (const Parameter& parameter : parameters) {
      const Random random(
          seed, Purpose::shuffle,
          hash_name(parameter.key.data(), parameter.key.data() + parameter.key.size()));
      values.push_back(value_at(parameter, random.uniform(static_cast<std::uint64_t>(attempt))));
    }
    if (seen.insert(values).second) drawn.push_back(std::move(values));
  }
  if (std::ssize(drawn) < count)
    throw InvalidArgument("--random",
                          fmt::format("expected that many different combinations, there "
                                      "are about {}; leave it out for all of them",
                                      drawn.size()));
  return drawn;
}

}  // namespace evenkeel::sweep
