// SPDX-License-Identifier: Apache-2.0
#include "bench/report/check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"

namespace evenkeel::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string machine(const std::string& cpu, const std::string& instruction_set) {
  return cpu + ", " + instruction_set;
}

}  // namespace

Ratio ratio_of(const Timing& timing, const Limits& limits) {
  if (timing.onednn) return {"oneDNN", timing.native.best_ms / timing.onednn->best_ms};
  return {"roofline", 1 / roofline_share(timing, limits)};
}

std::string key_of(const Timing& timing) {
  return fmt::format("{}, {}, {} thread{}", timing.kernel, timing.shapes, timing.threads,
                     timing.threads == 1 ? "" : "s");
}

Record record_of(const KernelReport& report, double tolerance) {
  Record record = {report.cpu, report.instruction_set, tolerance, {}};
  for (const Timing& timing : report.timings)
    record.ratios[key_of(timing)] = ratio_of(timing, report.limits.at(timing.threads));
  return record;
}

std::string to_json(const Record& record) {
  Json ratios = Json::object();
  for (const auto& [key, ratio] : record.ratios)
    ratios[key] = {{"against", ratio.against}, {"ratio", ratio.value}};
  return Json{{"cpu", record.cpu},
              {"instruction_set", record.instruction_set},
              {"tolerance", record.tolerance},
              {"ratios", ratios}}
      .dump(1);
}

Record record_from_json(const std::string& where, const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Record record = {json.at("cpu"), json.at("instruction_set"), json.at("tolerance"), {}};
    for (const auto& [key, ratio] : json.at("ratios").items())
      record.ratios[key] = {ratio.at("against"), ratio.at("ratio")};
    return record;
  } catch (const Json::exception& error) {
    throw DataError(where, std::string("expected the record of a bench: ") + error.what());
  }
}

Verdict check(const KernelReport& report, const Record& record) {
  Verdict verdict;
  const std::string here = machine(report.cpu, report.instruction_set);
  const std::string there = machine(record.cpu, record.instruction_set);
  if (here != there) {
    verdict.text =
        fmt::format("the record is of {}, this is {}: nothing to compare\n", there, here);
    return verdict;
  }
  verdict.comparable = true;
  std::size_t compared = 0;
  for (const Timing& timing : report.timings) {
    const std::string key = key_of(timing);
    const auto before = record.ratios.find(key);
    const Ratio now = ratio_of(timing, report.limits.at(timing.threads));
    if (before == record.ratios.end() || before->second.against != now.against) {
      verdict.text += "no record: " + key + "\n";
      continue;
    }
    ++compared;
    const double growth = now.value / before->second.value;
    if (growth <= 1 + record.tolerance) continue;
    verdict.slower.push_back(key);
    verdict.text += fmt::format("slower: {}: {:.2f} times {}, was {:.2f}\n", key, now.value,
                                now.against, before->second.value);
  }
  verdict.text += fmt::format("{} of {} kernels are slower than recorded by more than {:.0f} %\n",
                              verdict.slower.size(), compared, 100 * record.tolerance);
  return verdict;
}

}  // namespace evenkeel::bench
