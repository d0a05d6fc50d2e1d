// SPDX-License-Identifier: Apache-2.0
#include "bench/report/kernel_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace evenkeel::bench {
namespace {

using Json = nlohmann::ordered_json;

// Three digits that count.
std::string number(double value) {
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return fmt::format("{:.{}f}", value, decimals);
}

// Both; one where they are the same.
std::string text(const std::optional<Times>& times) {
  if (!times) return "-";
  const std::string median = number(times->median_ms);
  const std::string best = number(times->best_ms);
  return median == best ? median : median + " (" + best + ")";
}

Json json_of(const std::optional<Times>& times) {
  if (!times) return nullptr;
  return {{"median_ms", times->median_ms}, {"best_ms", times->best_ms}};
}

Json json_of(int threads, const Limits& limits) {
  Json levels = Json::array();
  for (const MemoryLevel& level : limits.levels)
    levels.push_back(
        {{"name", level.name}, {"bytes", level.bytes}, {"gigabytes_s", level.gigabytes_s}});
  return {{"threads", threads}, {"gflops", limits.gflops}, {"levels", levels}};
}

Json json_of(const Timing& t, const Limits& limits) {
  return {{"network", t.network},
          {"kernel", t.kernel},
          {"shapes", t.shapes},
          {"threads", t.threads},
          {"flops", t.flops},
          {"bytes", t.bytes},
          {"native", json_of(t.native)},
          {"onednn", json_of(t.onednn)},
          {"reference", json_of(t.reference)},
          {"gflops", gflops(t)},
          {"gigabytes_s", gigabytes_s(t)},
          {"level", level_of(t, limits).name},
          {"roofline_share", roofline_share(t, limits)}};
}

std::string limits_table(const KernelReport& report) {
  std::string head = "| threads | GFLOP/s |";
  std::string rule = "|---|---|";
  for (const MemoryLevel& level : report.limits.begin()->second.levels) {
    head += fmt::format(" {} GB/s |", level.name);
    rule += "---|";
  }
  std::string text = head + "\n" + rule + "\n";
  for (const auto& [threads, limits] : report.limits) {
    text += fmt::format("| {} | {} |", threads, number(limits.gflops));
    for (const MemoryLevel& level : limits.levels) text += " " + number(level.gigabytes_s) + " |";
    text += "\n";
  }
  return text;
}

// The timings of one call, by threads.
using Row = std::map<int, const Timing*>;

std::vector<Row> rows_of(const KernelReport& report) {
  std::vector<Row> rows;
  for (const Timing& timing : report.timings) {
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      const Timing& first = *row.begin()->second;
      return first.network == timing.network && first.kernel == timing.kernel &&
             first.shapes == timing.shapes && row.count(timing.threads) == 0;
    });
    if (same == rows.end())
      rows.push_back({{timing.threads, &timing}});
    else
      (*same)[timing.threads] = &timing;
  }
  return rows;
}

template <typename Cell>
std::string cells(const KernelReport& report, const Row& row, const Cell& cell) {
  std::string text;
  for (const auto& [threads, limits] : report.limits) {
    const auto found = row.find(threads);
    text += " " + (found == row.end() ? "-" : cell(*found->second, limits)) + " |";
  }
  return text;
}

std::string line_of(const KernelReport& report, const Row& row) {
  const Timing& first = *row.begin()->second;
  std::string line = fmt::format("| {} | {} | {} |", first.network, first.kernel, first.shapes);
  line += cells(report, row, [](const Timing& t, const Limits&) { return text(t.native); });
  line += cells(report, row, [](const Timing& t, const Limits&) { return text(t.onednn); });
  line += fmt::format(" {} | {} | {} |", text(first.reference), number(gflops(first)),
                      number(gigabytes_s(first)));
  line += cells(report, row, [](const Timing& t, const Limits& limits) {
    return fmt::format("{:.0f} % {}", 100 * roofline_share(t, limits), level_of(t, limits).name);
  });
  return line + "\n";
}

}  // namespace

double gflops(const Timing& timing) { return timing.flops / timing.native.best_ms / 1e6; }

double gigabytes_s(const Timing& timing) { return timing.bytes / timing.native.best_ms / 1e6; }

const MemoryLevel& level_of(const Timing& timing, const Limits& limits) {
  for (const MemoryLevel& level : limits.levels)
    if (timing.bytes <= level.bytes) return level;
  return limits.levels.back();
}

double roofline_share(const Timing& timing, const Limits& limits) {
  return std::max(gflops(timing) / limits.gflops,
                  gigabytes_s(timing) / level_of(timing, limits).gigabytes_s);
}

std::string to_markdown(const KernelReport& report) {
  std::string text = fmt::format("{}, {}\n\n", report.cpu, report.instruction_set);
  text += limits_table(report);
  std::string head = "| network | kernel | operands |";
  std::string rule = "|---|---|---|---|---|---|";
  for (const char* what : {"ms", "oneDNN ms"})
    for (const auto& [threads, limits] : report.limits) {
      head += fmt::format(" {}, {} thread{} |", what, threads, threads == 1 ? "" : "s");
      rule += "---|";
    }
  head += " reference ms | GFLOP/s | GB/s |";
  for (const auto& [threads, limits] : report.limits) {
    head += fmt::format(" of roofline, {} thread{} |", threads, threads == 1 ? "" : "s");
    rule += "---|";
  }
  text += "\n" + head + "\n" + rule + "\n";
  for (const Row& row : rows_of(report)) text += line_of(report, row);
  return text;
}

std::string to_json(const KernelReport& report) {
  Json limits = Json::array();
  for (const auto& [threads, limit] : report.limits) limits.push_back(json_of(threads, limit));
  Json timings = Json::array();
  for (const Timing& t : report.timings) timings.push_back(json_of(t, report.limits.at(t.threads)));
  return Json{{"cpu", report.cpu},
              {"instruction_set", report.instruction_set},
              {"limits", limits},
              {"timings", timings}}
      .dump(1);
}

}  // namespace evenkeel::bench
