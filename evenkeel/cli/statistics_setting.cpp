// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/statistics_setting.h"

#include <charconv>
#include <string_view>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

constexpr std::string_view kRecalibrated = "recalibrated";
constexpr std::int64_t kMostImages = std::int64_t{1} << 30;

}  // namespace

Statistics parse_statistics(const std::string& text) {
  if (text == "moving") return MovingStatistics{};
  if (text == kRecalibrated) return Recalibrated{};
  const std::size_t colon = text.find(':');
  if (text.substr(0, colon) == kRecalibrated) {
    const std::string_view number = std::string_view(text).substr(colon + 1);
    Recalibrated result;
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), result.images);
    if (error == std::errc() && end == number.data() + number.size() && result.images >= 1 &&
        result.images <= kMostImages)
      return result;
    throw InvalidArgument("--statistics",
                          "expected a number of images of at least 1 behind recalibrated:, got '" +
                              std::string(number) + "'");
  }
  throw InvalidArgument("--statistics",
                        "expected moving, recalibrated or recalibrated:N, got '" + text + "'" +
                            did_you_mean(text.substr(0, colon), {"moving", "recalibrated"}));
}

std::string statistics_text(const Statistics& statistics) {
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  if (recalibrated == nullptr) return "moving";
  return std::string(kRecalibrated) + ":" + std::to_string(recalibrated->images);
}

std::string statistics_phrase(const Statistics& statistics) {
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  if (recalibrated == nullptr) return "moving statistics";
  return "statistics recalibrated over " + with_thousands(recalibrated->images) + " images";
}

}  // namespace evenkeel::cli
