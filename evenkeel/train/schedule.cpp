// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

void require(bool condition, const char* what, const std::string& text) {
  if (!condition) throw InvalidArgument(what, "expected " + text);
}

// From `start` to `end` along half a cosine, `done` from 0 to 1.
double along_cosine(double start, double end, double done) {
  return end + (start - end) / 2 * (1 + std::cos(std::numbers::pi * done));
}

double one_cycle_rate(double base, double t, double total) {
  constexpr double kStart = 25;
  constexpr double kEnd = 1e4;
  constexpr double kRising = 0.3;
  const double start = base / kStart;
  const double top = std::max(kRising * total - 1, 0.0);
  const double last = std::max(total - 1, top + 1);
  if (t <= top && top > 0) return along_cosine(start, base, t / top);
  return along_cosine(base, start / kEnd, std::min(1.0, (t - top) / (last - top)));
}

}  // namespace

Schedule::Schedule(const Settings& settings) : settings_(settings) {
  const Settings& s = settings_;
  require(s.steps >= 0, "schedule", "0 or more steps, got " + std::to_string(s.steps));
  const bool falling = s.kind == Kind::step || s.kind == Kind::exponential;
  const std::string own = std::string(to_string(s.kind)) + " schedule";
  require(!falling || s.every > 0, own.c_str(),
          "a number of steps above 0 between two, got " + std::to_string(s.every));
  require(s.factor > 0 && s.factor <= 1, own.c_str(),
          "a factor above 0, at most 1, got " + std::to_string(s.factor));
  require(s.floor >= 0 && s.floor <= 1, "cosine schedule",
          "a floor from 0 to 1, a fraction of the rate, got " + std::to_string(s.floor));
  require(s.warm_up >= 0, "warm-up", "0 or more steps, got " + std::to_string(s.warm_up));
  require(s.warm_up_start >= 0 && s.warm_up_start <= 1, "warm-up",
          "a start from 0 to 1, a fraction of the rate, got " + std::to_string(s.warm_up_start));
  require(s.warm_up == 0 || s.kind != Kind::one_cycle, "warm-up",
          "none with one_cycle, which has one of its own");
}

Schedule Schedule::step(std::int64_t every, double factor) {
  return Schedule(Settings{.kind = Kind::step, .every = every, .factor = factor});
}
Schedule Schedule::exponential(double factor, std::int64_t every) {
  return Schedule(Settings{.kind = Kind::exponential, .every = every, .factor = factor});
}
Schedule Schedule::cosine(double floor, std::int64_t steps) {
  return Schedule(Settings{.kind = Kind::cosine, .steps = steps, .floor = floor});
}
Schedule Schedule::one_cycle(std::int64_t steps) {
  return Schedule(Settings{.kind = Kind::one_cycle, .steps = steps});
}
Schedule Schedule::warm_up(std::int64_t steps, double start) const {
  Settings settings = settings_;
  settings.warm_up = steps;
  settings.warm_up_start = start;
  return Schedule(settings);
}

double Schedule::rate(double base, std::int64_t completed, std::int64_t total) const {
  const Settings& s = settings_;
  if (completed < s.warm_up) {
    const double done = static_cast<double>(completed) / static_cast<double>(s.warm_up);
    return base * (s.warm_up_start + (1 - s.warm_up_start) * done);
  }
  const std::int64_t all = std::max<std::int64_t>((s.steps > 0 ? s.steps : total) - s.warm_up, 1);
  const std::int64_t behind = completed - s.warm_up;
  const auto t = static_cast<double>(std::min(behind, all));
  switch (s.kind) {
    case Kind::constant:
      return base;
    case Kind::step: {
      const std::int64_t drops = behind / s.every;
      return base * std::pow(s.factor, static_cast<double>(drops));
    }
    case Kind::exponential:
      return base * std::pow(s.factor, t / static_cast<double>(s.every));
    case Kind::cosine:
      return along_cosine(base, base * s.floor, t / static_cast<double>(all));
    case Kind::one_cycle:
      return one_cycle_rate(base, t, static_cast<double>(all));
  }
  return base;
}

std::string_view to_string(Schedule::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames = {"constant", "step", "cosine", "one-cycle",
                                                      "exponential"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace evenkeel
