// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/save_times.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kRarestSave = std::int64_t{1} << 30;
constexpr double kLongest = 366.0 * 24 * 60 * 60;

// The whole of `text`, or nothing.
template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return !text.empty() && error == std::errc() && at == end;
}

// Seconds of a unit; 0 for one that is no time.
double seconds_of(std::string_view unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  return unit == "h" ? 3600 : 0;
}

}  // namespace

SaveTimes parse_save_times(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string_view number = std::string_view(text).substr(0, digits);
  const std::string_view unit =
      digits == std::string::npos ? "" : std::string_view(text).substr(digits);
  SaveTimes times;
  if (unit.empty() || unit == "steps") {
    if (parse_number(number, times.steps) && times.steps <= kRarestSave) return times;
  } else if (const double scale = seconds_of(unit); scale > 0) {
    const bool good = parse_number(number, times.seconds);
    times.seconds *= scale;
    if (good && times.seconds > 0 && times.seconds <= kLongest) return times;
  }
  throw InvalidArgument("run.save_every",
                        "expected steps, as 500 or 500steps, or a time, as 60s, 5m or 1.5h; got '" +
                            text + "'; 0 saves after epochs only");
}

}  // namespace evenkeel
