// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/plan_checker.h"

#include <algorithm>
#include <map>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr int kUnknown = -1;

// Which value each byte of a space holds, by intervals: begin -> (end, value).
class Memory {
 public:
  void write(std::int64_t begin, std::int64_t bytes, int value) {
    if (bytes == 0) return;
    split(begin);
    split(begin + bytes);
    held_.erase(held_.lower_bound(begin), held_.lower_bound(begin + bytes));
    held_[begin] = {begin + bytes, value};
  }
  bool holds(std::int64_t begin, std::int64_t bytes, int value) const {
    std::int64_t at = begin;
    while (at < begin + bytes) {
      auto next = held_.upper_bound(at);
      if (next == held_.begin()) return false;
      --next;
      if (next->second.first <= at || next->second.second != value) return false;
      at = next->second.first;
    }
    return true;
  }

 private:
  void split(std::int64_t at) {
    auto next = held_.upper_bound(at);
    if (next == held_.begin()) return;
    --next;
    if (next->first == at || next->second.first <= at) return;
    const auto [end, value] = next->second;
    next->second.first = at;
    held_[at] = {end, value};
  }

  std::map<std::int64_t, std::pair<std::int64_t, int>> held_;
};

class Checker {
 public:
  explicit Checker(const Plan& plan) : plan_(plan) {
    for (const PlanPort& port : plan.inputs)
      arena_.write(port.operand.offset, port.operand.bytes, port.operand.value);
    state_.assign(plan.states.size(), kUnknown);
  }

  void phase(const Phase& phase) {
    Memory worker;
    std::vector<const Operand*> written;
    for (const Step& step : phase.steps) {
      where_ = step.name;
      for (const Operand& input : step.inputs) read(input, worker);
      for (std::size_t k = 0; k < step.outputs.size(); ++k) {
        const Operand& output = step.outputs[k];
        bounds(output);
        own_inputs(step, k);
        if (output.space == Space::state) write_state(phase, step, output);
        if (output.space != Space::worker)
          for (const Operand* other : written)
            if (overlap(*other, output)) fail("writes what another step of its phase writes");
        written.push_back(&output);
      }
      for (const Operand& output : step.outputs) {
        if (output.space == Space::worker) worker.write(output.offset, output.bytes, output.value);
        if (output.space == Space::arena) arena_.write(output.offset, output.bytes, output.value);
      }
    }
    where_ = "guard";
    for (const Checked& check : phase.checks) read(check.operand, worker);
    if (phase.kind == PhaseKind::guard) guarded_ = true;
    where_ = "commit";
    for (const Copy& copy : phase.copies) commit(copy, worker);
  }

  void after() {
    Memory none;
    for (std::size_t s = 0; s < state_.size(); ++s) {
      where_ = plan_.states[s].name;
      if (plan_.states[s].written && state_[s] == kUnknown) fail("never writes this state");
    }
    for (const PlanPort& port : plan_.outputs) {
      where_ = port.name;
      read(port.operand, none);
    }
    for (const Checked& check : plan_.checks_after) {
      where_ = check.name;
      read(check.operand, none);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw RuntimeFailure(where_, "the plan of '" + plan_.graph + "' " + what +
                                     "; this is a bug in the compiler, please report it");
  }

  static bool overlap(const Operand& a, const Operand& b) {
    return a.space == b.space && a.state == b.state && a.offset < b.offset + b.bytes &&
           b.offset < a.offset + a.bytes;
  }

  void bounds(const Operand& operand) const {
    std::int64_t size = plan_.arena_bytes;
    if (operand.space == Space::worker) size = plan_.worker_bytes;
    if (operand.space == Space::state) {
      if (operand.state < 0 || operand.state >= static_cast<int>(plan_.states.size()))
        fail("names a state that does not exist");
      size = plan_.states[static_cast<std::size_t>(operand.state)].type.bytes();
    }
    if (operand.offset < 0 || operand.offset + operand.bytes > size)
      fail("has an operand outside its memory");
  }

  void read(const Operand& operand, const Memory& worker) const {
    bounds(operand);
    if (operand.space == Space::arena &&
        !arena_.holds(operand.offset, operand.bytes, operand.value))
      fail("reads a value that was never made or is overwritten by then");
    if (operand.space == Space::worker &&
        !worker.holds(operand.offset, operand.bytes, operand.value))
      fail("reads a value of its slice that was never made or is overwritten by then");
    if (operand.space != Space::state) return;
    const int holds = state_[static_cast<std::size_t>(operand.state)];
    if (holds != kUnknown && holds != operand.value)
      fail("reads state '" + plan_.states[static_cast<std::size_t>(operand.state)].name +
           "' after it was updated");
  }

  // An output may share memory with an input of its own step only where the kernel says so.
  void own_inputs(const Step& step, std::size_t k) const {
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const std::pair<int, int> pair = {static_cast<int>(i), static_cast<int>(k)};
      const bool allowed =
          std::find(step.in_place.begin(), step.in_place.end(), pair) != step.in_place.end();
      if (!allowed && overlap(step.inputs[i], step.outputs[k])) fail("overwrites its own input");
    }
  }

  void write_state(const Phase& phase, const Step& step, const Operand& output) {
    if (!guarded_ && has_guard()) fail("updates a state before the guard");
    for (const Step& other : phase.steps)
      for (const Operand& input : other.inputs)
        if (&other != &step && input.space == Space::state && input.state == output.state &&
            phase.kind != PhaseKind::whole)
          fail("updates a state that its phase reads");
    state_[static_cast<std::size_t>(output.state)] = output.value;
  }

  void commit(const Copy& copy, const Memory& worker) {
    read(copy.from, worker);
    bounds(copy.to);
    if (copy.bytes > copy.to.bytes || copy.bytes > copy.from.bytes) fail("copies too many bytes");
    if (copy.to.space == Space::arena)
      arena_.write(copy.to.offset, copy.bytes, copy.to.value);
    else if (!guarded_ && has_guard())
      fail("updates a state before the guard");
    else
      state_[static_cast<std::size_t>(copy.to.state)] = copy.from.value;
  }

  bool has_guard() const {
    return std::any_of(plan_.run.begin(), plan_.run.end(),
                       [](const Phase& phase) { return phase.kind == PhaseKind::guard; });
  }

  const Plan& plan_;
  Memory arena_;
  std::vector<int> state_;  // by state: the value that it holds, kUnknown = as at the start
  bool guarded_ = false;
  std::string where_;
};

}  // namespace

void check_plan(const Plan& plan) {
  Checker checker(plan);
  for (const Phase& phase : plan.prepare) checker.phase(phase);
  for (const Phase& phase : plan.run) checker.phase(phase);
  checker.after();
}

}  // namespace evenkeel
