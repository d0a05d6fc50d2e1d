// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/event_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <utility>

#include "evenkeel/base/os_machine.h"

namespace evenkeel::tensorboard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEventPrefix = "events.out.tfevents.";
constexpr std::int64_t kMostSeconds = 9'999'999'999;  // more digits would sort before fewer

// The seconds in the name of the folder's last file; 0 where it has none.
std::int64_t last_seconds(const fs::path& folder) {
  std::int64_t last = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(kEventPrefix)) continue;
    std::int64_t seconds = 0;
    std::from_chars(name.data() + kEventPrefix.size(), name.data() + name.size(), seconds);
    if (seconds < kMostSeconds) last = std::max(last, seconds);
  }
  return last;
}

fs::path next_path(const fs::path& folder, double now) {
  std::string host = os::host_name();
  for (char& c : host) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '.') c = '_';
  }
  const double most = static_cast<double>(kMostSeconds);
  const auto seconds = static_cast<std::int64_t>(std::clamp(now, 0.0, most));
  return folder / fmt::format("{}{:010}.{}.evenkeel", kEventPrefix,
                              std::max(seconds, last_seconds(folder) + 1), host);
}

EventFile::Clock or_system(EventFile::Clock clock) {
  return clock ? std::move(clock) : EventFile::Clock(os::wall_clock);
}

}  // namespace

EventFile::EventFile(const fs::path& folder, std::int64_t step, Clock clock)
    : clock_(or_system(std::move(clock))), file_(next_path(folder, clock_())) {
  append(version_record(moment(0).wall_time));
  append(session_start_record(moment(step + 1)));
}

void EventFile::add(std::int64_t step, std::span<const Scalar> scalars) {
  append(scalars_record(moment(step), scalars));
}

void EventFile::add(std::int64_t step, const std::string& tag, const Histogram& histogram) {
  if (histogram.count > 0) append(histogram_record(moment(step), tag, histogram));
}

Moment EventFile::moment(std::int64_t step) {
  last_ = std::max(last_, clock_());
  return {last_, step};
}

void EventFile::append(const std::string& record) {
  file_.append(std::as_bytes(std::span(record)));
}

}  // namespace evenkeel::tensorboard
