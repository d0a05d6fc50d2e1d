// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/measure.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include "bench/kernels/cases.h"
#include "bench/kernels/peak.h"
#include "bench/kernels/runner.h"
#include "bench/kernels/timer.h"
#include "bench/report/check.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/kernels/flops.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/runtime/executor.h"

namespace evenkeel::bench {
namespace {

constexpr std::int64_t kBatch = 128;

using Way = std::function<void()>;

Way way_of(const Case& of, int threads, const Assignment& assigned) {
  auto runner = std::make_shared<Runner>(of.graph, of.node, kBatch, threads, assigned);
  return [runner] { runner->run(); };
}

std::optional<Assignment> assigned_to(Backend backend, const Case& of, int threads) {
  const auto preference = backend == Backend::native   ? KernelPreference::native
                          : backend == Backend::onednn ? KernelPreference::onednn
                                                       : KernelPreference::reference;
  Assignment result = assign(of.graph, of.node, kBatch, {threads, preference});
  if (result.entry == nullptr || result.entry->backend != backend) return std::nullopt;
  return result;
}

// In slices as a plan has them, and as a team: the better counts.
std::vector<Way> onednn_ways(const Case& of, int threads) {
  std::vector<Way> ways;
  if (const auto assigned = assigned_to(Backend::onednn, of, threads))
    ways.push_back(way_of(of, threads, *assigned));
  const Call call = call_of(of.graph, of.node, kBatch, threads);
  for (const KernelEntry& entry : onednn_kernels())
    if (!ways.empty() && entry.op == call.op.index() && entry.kind == KernelKind::team &&
        entry.accepts(call)) {
      ways.push_back(way_of(of, threads, unsliced(of.graph, of.node, kBatch, threads, entry)));
      break;
    }
  return ways;
}

// A convolution by kernels of our own alone: a plan of several steps, or none.
std::optional<Way> native_chain(const Case& of, int threads) {
  CompileOptions options;
  options.batch = kBatch;
  options.machine = {threads, KernelPreference::native};
  const auto plan = compile_graph(of.graph, Level::inference, options);
  for (const Phase& phase : plan->run)
    for (const Step& step : phase.steps)
      if (!step.kernel.starts_with("native/")) return std::nullopt;
  struct Chain {
    StateStore state;
    std::optional<Executor> executor;
  };
  auto chain = std::make_shared<Chain>();
  chain->state = StateStore(of.graph);
  chain->executor.emplace(plan, chain->state);
  for (const PlanPort& port : plan->inputs)
    for (float& value : chain->executor->input_as<float>(port.name)) value = 0.5F;
  return [chain] { chain->executor->run(); };
}

class Measurement {
 public:
  // keys: of what is wanted; empty: all.
  Measurement(const MeasureOptions& options, std::vector<std::string> keys)
      : options_(options),
        keys_(std::move(keys)),
        timer_(options.brief ? TimerOptions{15, 0.5} : TimerOptions{31, 1}) {}

  // Empty where no kernel of our own takes the call, or it isn't wanted.
  std::optional<Timing> kernel(const Case& of, int threads) const {
    const auto native = assigned_to(Backend::native, of, threads);
    if (!native) return std::nullopt;
    Timing timing = describe(of, std::string(native->entry->name), threads);
    if (!wanted(timing)) return std::nullopt;
    take(of, way_of(of, threads, *native), timing);
    return timing;
  }
  std::optional<Timing> convolution(const Case& of, int threads) const {
    const std::string name(name_of(of.graph.node(of.node).op));
    Timing timing = describe(of, name + " (all its kernels)", threads);
    if (!wanted(timing)) return std::nullopt;
    const auto native = native_chain(of, threads);
    if (!native) return std::nullopt;
    take(of, *native, timing);
    return timing;
  }

 private:
  bool wanted(const Timing& timing) const {
    if ((timing.kernel + " " + timing.shapes).find(options_.only) == std::string::npos)
      return false;
    return keys_.empty() || std::find(keys_.begin(), keys_.end(), key_of(timing)) != keys_.end();
  }

  static Timing describe(const Case& of, const std::string& name, int threads) {
    Timing timing = {of.network, name, shapes_of(of, kBatch), threads};
    timing.flops = flops_of(call_of(of.graph, of.node, kBatch, threads));
    timing.bytes = bytes_of(of, kBatch);
    return timing;
  }

  void take(const Case& of, Way native, Timing& timing) const {
    std::vector<Way> ways = {std::move(native)};
    for (Way& way : onednn_ways(of, timing.threads)) ways.push_back(std::move(way));
    const std::vector<Times> times = time_in_turns(ways, timer_);
    timing.native = times[0];
    if (times.size() > 1)
      timing.onednn =
          *std::min_element(times.begin() + 1, times.end(),
                            [](const Times& a, const Times& b) { return a.best_ms < b.best_ms; });
    if (options_.brief || timing.threads != 1) return;
    if (const auto reference = assigned_to(Backend::reference, of, 1))
      timing.reference = time_in_turns({way_of(of, 1, *reference)}, {1, 0})[0];
  }

  MeasureOptions options_;
  std::vector<std::string> keys_;
  TimerOptions timer_;
};

// Of calls on a few kilobytes, whose time is that of calling, each op's largest.
void leave_out_small_ones(std::vector<Case>& cases) {
  constexpr double kSmall = 256e3;
  std::map<std::size_t, double> largest;
  const auto op = [](const Case& of) { return of.graph.node(of.node).op.index(); };
  for (const Case& each : cases)
    largest[op(each)] = std::max(largest[op(each)], bytes_of(each, kBatch));
  std::erase_if(cases, [&](const Case& each) {
    const double bytes = bytes_of(each, kBatch);
    return bytes < kSmall && bytes < largest[op(each)];
  });
}

Cases all_cases() {
  Cases cases;
  add_cases("mnist-cnn", network("mnist-cnn"), kBatch, cases);
  add_cases("resnet20", network("resnet20"), kBatch, cases);
  leave_out_small_ones(cases.kernels);
  return cases;
}

void measure_into(KernelReport& report, const std::vector<std::string>& keys,
                  const MeasureOptions& options) {
  const Measurement measurement(options, keys);
  const Cases cases = all_cases();
  for (const auto& [threads, limits] : report.limits) {
    for (const Case& each : cases.convolutions)
      if (const auto timing = measurement.convolution(each, threads))
        report.timings.push_back(*timing);
    for (const Case& each : cases.kernels)
      if (const auto timing = measurement.kernel(each, threads)) report.timings.push_back(*timing);
    std::cerr << "measured on " << threads << (threads == 1 ? " thread\n" : " threads\n");
  }
}

}  // namespace

KernelReport machine_report() { return {cpu_model(), instruction_set(), {}, {}}; }

KernelReport measure(const MeasureOptions& options) {
  KernelReport report = machine_report();
  for (int threads = 1; threads <= std::min(2, default_threads()); ++threads)
    report.limits[threads] = measure_limits(threads);
  measure_into(report, {}, options);
  return report;
}

void remeasure(KernelReport& report, const std::vector<std::string>& keys,
               const MeasureOptions& options) {
  KernelReport again = machine_report();
  again.limits = report.limits;
  measure_into(again, keys, options);
  for (Timing& timing : report.timings)
    for (const Timing& other : again.timings)
      if (key_of(other) == key_of(timing) &&
          ratio_of(other, report.limits.at(other.threads)).value <
              ratio_of(timing, report.limits.at(timing.threads)).value)
        timing = other;
}

}  // namespace evenkeel::bench
