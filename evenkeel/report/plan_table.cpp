// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/plan_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "evenkeel/report/tables.h"

namespace evenkeel {
namespace {

using PlanAlign = TextTable::Align;

std::string passes_text(const Plan& plan) {
  TextTable table({{"pass", PlanAlign::left}, {"nodes"}, {"after"}, {"changed"}, {"ms"}});
  for (const PassRecord& pass : plan.passes) {
    table.add({pass.name, std::to_string(pass.nodes_before), std::to_string(pass.nodes_after),
               pass.changed ? "yes" : "-", fmt::format("{:.2f}", 1e3 * pass.seconds)});
  }
  return table.text();
}

std::string memory_text(const Plan& plan) {
  return fmt::format(
      "arena {}, without reuse {}; scratch {} a thread; {} phases, {} kernel calls\n",
      readable_bytes(plan.arena_bytes), readable_bytes(plan.arena_bytes_without_reuse),
      readable_bytes(plan.worker_bytes), plan.run.size(), kernel_calls(plan));
}

// What a phase without steps does.
std::string deed_of(const Phase& phase) {
  if (phase.kind == PhaseKind::guard) {
    constexpr std::size_t kShown = 3;
    std::string text = "finite:";
    for (std::size_t i = 0; i < std::min(kShown, phase.checks.size()); ++i)
      text += " " + phase.checks[i].name;
    if (phase.checks.size() > kShown) text += fmt::format(" … {}", phase.checks.back().name);
    return text;
  }
  std::int64_t bytes = 0;
  for (const Copy& copy : phase.copies) bytes += copy.bytes;
  return fmt::format("copy {} states, {}", phase.copies.size(), readable_bytes(bytes));
}

void add_phase(TextTable& table, const std::string& label, const Phase& phase, int threads) {
  const std::string kind(to_string(phase.kind));
  const std::string division = division_of(phase, threads);
  if (phase.steps.empty()) table.add({label, kind, division, deed_of(phase)});
  bool first = true;
  for (const Step& step : phase.steps) {
    table.add({first ? label : "", first ? kind : "", first ? division : "", step.name, step.kernel,
               readable_count(step.flops), places_of(step)});
    first = false;
  }
}

}  // namespace

std::int64_t kernel_calls(const Plan& plan) {
  std::int64_t calls = 0;
  for (const Phase& phase : plan.run) {
    const std::int64_t slices = phase.kind == PhaseKind::samples ? phase.extent : 1;
    calls += slices * static_cast<std::int64_t>(phase.steps.size());
  }
  return calls;
}

std::string division_of(const Phase& phase, int threads) {
  switch (phase.kind) {
    case PhaseKind::samples:
      return fmt::format("{} x {} images", phase.extent, phase.slice);
    case PhaseKind::channels:
    case PhaseKind::elements:
      return fmt::format("{} blocks", phase.extent);
    case PhaseKind::team:
      return fmt::format("{} threads", threads);
    case PhaseKind::whole:
    case PhaseKind::guard:
    case PhaseKind::commit:
      break;
  }
  return "1 lane";
}

std::string places_of(const Step& step) {
  constexpr std::array<const char*, 3> kNames = {"arena", "state", "slice"};
  std::array<bool, 3> there{};
  for (const Operand& output : step.outputs) there[static_cast<std::size_t>(output.space)] = true;
  std::string text;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (there[i]) text += (text.empty() ? "" : " ") + std::string(kNames[i]);
  return text;
}

std::string to_text(const Plan& plan, const std::string& title) {
  TextTable table({{"phase", PlanAlign::left},
                   {"kind", PlanAlign::left},
                   {"division", PlanAlign::left},
                   {"step", PlanAlign::left},
                   {"kernel", PlanAlign::left},
                   {"FLOPs"},
                   {"results in", PlanAlign::left}});
  for (std::size_t i = 0; i < plan.prepare.size(); ++i)
    add_phase(table, fmt::format("prepare {}", i + 1), plan.prepare[i], plan.threads);
  for (std::size_t i = 0; i < plan.run.size(); ++i)
    add_phase(table, std::to_string(i + 1), plan.run[i], plan.threads);
  return fmt::format("{}, batch {}, threads {}\n\n", title, plan.batch, plan.threads) +
         passes_text(plan) + "\n" + memory_text(plan) + "\n" + table.text();
}

}  // namespace evenkeel
