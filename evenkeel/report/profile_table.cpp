// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/profile_table.h"

#include <fmt/format.h>

#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string rate_text(double gflops) { return gflops > 0 ? fmt::format("{:.1f}", gflops) : ""; }

}  // namespace

std::vector<ProfileRow> profile_rows(const Profile& profile) {
  std::vector<ProfileRow> rows;
  const auto runs = static_cast<double>(profile.runs);
  for (std::size_t i = 0; i < profile.phases.size(); ++i) {
    const PhaseTime& phase = profile.phases[i];
    const auto add = [&](const StepTime& step, double seconds) {
      rows.push_back({i + 1, std::string(to_string(phase.kind)), step.name, step.kernel,
                      1e3 * ratio(seconds, runs), 100 * ratio(seconds, profile.seconds),
                      1e-9 * ratio(step.flops * runs, seconds)});
    };
    double by_workers = 0;
    for (const StepTime& step : phase.steps) by_workers += step.seconds;
    if (phase.steps.empty()) add({}, phase.seconds);
    for (const StepTime& step : phase.steps)
      add(step, phase.seconds * ratio(step.seconds, by_workers));
  }
  return rows;
}

std::string to_text(const Profile& profile) {
  using Align = TextTable::Align;
  TextTable table({{"phase", Align::left},
                   {"kind", Align::left},
                   {"step", Align::left},
                   {"kernel", Align::left},
                   {"ms/step"},
                   {"%"},
                   {"GFLOP/s"}});
  std::size_t before = 0;
  double flops = 0;
  for (const ProfileRow& row : profile_rows(profile)) {
    const bool first = row.phase != before;
    before = row.phase;
    flops += row.gflops * row.milliseconds;
    table.add({first ? std::to_string(row.phase) : "", first ? row.kind : "", row.step, row.kernel,
               fmt::format("{:.3f}", row.milliseconds), fmt::format("{:.1f}", row.percent),
               rate_text(row.gflops)});
  }
  const double milliseconds = 1e3 * ratio(profile.seconds, static_cast<double>(profile.runs));
  table.rule();
  table.add({"all", "", "", "", fmt::format("{:.3f}", milliseconds), "100.0",
             rate_text(ratio(flops, milliseconds))});
  return fmt::format("Time by phase and step, mean of {} steps\n\n", profile.runs) + table.text();
}

}  // namespace evenkeel
