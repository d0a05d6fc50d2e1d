// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/executor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "evenkeel/base/suggest.h"
#include "evenkeel/base/threads.h"

namespace evenkeel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOperands = 16;

// An operand with its space's start resolved; what is left depends on worker and slice.
struct BoundOperand {
  std::byte* base = nullptr;  // null: in the worker's scratch
  std::int64_t offset = 0;
  std::int64_t stride = 0;
};

struct BoundStep {
  const Kernel* full = nullptr;
  const Kernel* tail = nullptr;
  std::int64_t full_extent = 1;
  std::int64_t tail_extent = 1;
  std::vector<BoundOperand> inputs;
  std::vector<BoundOperand> outputs;
  BoundOperand scratch;
  std::vector<std::unique_ptr<KernelContext>> contexts;       // by worker
  std::vector<std::unique_ptr<KernelContext>> tail_contexts;  // by worker
};

template <typename T>
bool all_finite(const std::byte* data, std::int64_t elements) {
  const T* values = reinterpret_cast<const T*>(data);
  // x - x is 0 for finite x and NaN otherwise; the sum vectorises where a test per element does
  // not.
  T sum = 0;
  for (std::int64_t i = 0; i < elements; ++i) sum += values[i] - values[i];
  return sum == 0;
}

bool all_zero(const std::byte* data, std::int64_t elements) {
  const auto* values = reinterpret_cast<const std::int32_t*>(data);
  return std::all_of(values, values + elements, [](std::int32_t value) { return value == 0; });
}

const PlanPort& port_named(const std::vector<PlanPort>& ports, std::string_view name,
                           const char* which) {
  std::vector<std::string> known;
  for (const PlanPort& port : ports) {
    if (port.name == name) return port;
    known.push_back(port.name);
  }
  throw InvalidArgument(std::string(name), std::string("expected the name of one of the plan's ") +
                                               which + did_you_mean(name, known));
}

void require_dtype(const PlanPort& port, DType dtype) {
  if (port.type.dtype != dtype)
    throw InvalidArgument(port.name, "is " + to_string(port.type) + ", read or written as " +
                                         std::string(to_string(dtype)));
}

std::byte* arena_of(Workspace& workspace, const Plan& plan) {
  try {
    return workspace.arena(static_cast<std::size_t>(plan.arena_bytes));
  } catch (const std::bad_alloc&) {
    throw RuntimeFailure("memory", "expected " + std::to_string(plan.arena_bytes / 1'000'000) +
                                       " MB for a batch of " + std::to_string(plan.batch) +
                                       ", the system has not so much; use a smaller batch");
  }
}

}  // namespace

class Executor::Impl {
 public:
  std::span<std::byte> memory_of(const PlanPort& port) const {
    return {address(port.operand), static_cast<std::size_t>(port.type.bytes())};
  }
  Impl(std::shared_ptr<const Plan> plan, StateStore& state, std::shared_ptr<Workspace> workspace)
      : plan_(std::move(plan)),
        state_(state),
        workspace_(workspace ? std::move(workspace) : std::make_shared<Workspace>()),
        arena_(arena_of(*workspace_, *plan_)),
        workers_(static_cast<std::size_t>(std::max(1, plan_->threads))),
        modes_(workers_.size()) {
    for (const PlanState& entry : plan_->states) {
      const StateStore::Entry& found = state.entry(entry.name);
      if (found.type != entry.type)
        throw InvalidArgument(entry.name, "expected state " + to_string(entry.type) + ", got " +
                                              to_string(found.type));
      states_.push_back(state.bytes(found).data());
    }
    for (std::size_t worker = 0; worker < workers_.size(); ++worker)
      workers_[worker] = workspace_->scratch(worker, static_cast<std::size_t>(plan_->worker_bytes),
                                             static_cast<std::size_t>(plan_->arena_bytes));
    for (const Phase& phase : plan_->prepare) prepare_.push_back(bind(phase));
    for (const Phase& phase : plan_->run) run_.push_back(bind(phase));
    writes_ = std::any_of(plan_->states.begin(), plan_->states.end(),
                          [](const PlanState& entry) { return entry.written; });
  }

  RunResult run();

  std::shared_ptr<const Plan> plan_;
  std::optional<Profile> profile_;

  std::byte* address(const Operand& operand) const {
    if (operand.space == Space::state) return states_[static_cast<std::size_t>(operand.state)];
    return arena_ + operand.offset;
  }

 private:
  std::vector<BoundStep> bind(const Phase& phase) const;
  BoundOperand bind(const Operand& operand) const {
    if (operand.space == Space::worker) return {nullptr, operand.offset, 0};
    return {address(operand), 0, operand.stride};
  }
  void run_phase(const Phase& phase, const std::vector<BoundStep>& steps, PhaseTime* time);
  void run_step(const BoundStep& step, int worker, std::int64_t sample, bool tail,
                Range range) const;
  RunResult guard(const Phase& phase) const;
  void commit(const Phase& phase) const;

  StateStore& state_;
  std::shared_ptr<Workspace> workspace_;
  std::byte* arena_;
  std::vector<std::byte*> workers_;
  std::vector<FloatMode> modes_;  // the workers' own, during a run
  std::vector<std::byte*> states_;
  std::vector<std::vector<BoundStep>> prepare_;
  std::vector<std::vector<BoundStep>> run_;
  std::uint64_t prepared_version_ = 0;
  bool writes_ = false;
  // Seconds by worker and step of the phase that is being profiled.
  std::vector<std::vector<double>> worker_seconds_;
};

std::vector<BoundStep> Executor::Impl::bind(const Phase& phase) const {
  std::vector<BoundStep> steps;
  for (const Step& step : phase.steps) {
    if (step.inputs.size() > kMostOperands || step.outputs.size() > kMostOperands)
      throw RuntimeFailure(step.name, "has more than 16 operands; this is a bug, please report it");
    BoundStep bound;
    bound.full = step.full.get();
    bound.tail = step.tail.get();
    bound.full_extent = step.full_extent;
    bound.tail_extent = step.tail_extent;
    for (const Operand& input : step.inputs) bound.inputs.push_back(bind(input));
    for (const Operand& output : step.outputs) bound.outputs.push_back(bind(output));
    bound.scratch = bind(step.scratch);
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
      bound.contexts.push_back(step.full->make_context());
      bound.tail_contexts.push_back(step.tail ? step.tail->make_context() : nullptr);
    }
    steps.push_back(std::move(bound));
  }
  return steps;
}

void Executor::Impl::run_step(const BoundStep& step, int worker, std::int64_t sample, bool tail,
                              Range range) const {
  std::byte* scratch = workers_[static_cast<std::size_t>(worker)];
  const auto resolve = [&](const BoundOperand& bound) {
    return (bound.base == nullptr ? scratch + bound.offset : bound.base) + sample * bound.stride;
  };
  std::array<const void*, kMostOperands> inputs;
  std::array<void*, kMostOperands> outputs;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) inputs[i] = resolve(step.inputs[i]);
  for (std::size_t k = 0; k < step.outputs.size(); ++k) outputs[k] = resolve(step.outputs[k]);
  const auto& contexts = tail ? step.tail_contexts : step.contexts;
  const Args args{inputs.data(), outputs.data(), resolve(step.scratch),
                  contexts[static_cast<std::size_t>(worker)].get()};
  (tail ? step.tail : step.full)->run(args, range);
}

void Executor::Impl::run_phase(const Phase& phase, const std::vector<BoundStep>& steps,
                               PhaseTime* time) {
  const bool sliced = phase.kind == PhaseKind::samples;
  const auto lanes = [&](int worker, std::int64_t begin, std::int64_t end) {
    // A slice goes through all steps while it is in the cache; blocks are taken step by step.
    const std::int64_t pieces = sliced ? end - begin : 1;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const std::int64_t sample = sliced ? (begin + piece) * phase.slice : 0;
      const bool tail = sliced && sample + phase.slice > plan_->batch;
      for (std::size_t s = 0; s < steps.size(); ++s) {
        const std::int64_t blocks = tail ? steps[s].tail_extent : steps[s].full_extent;
        const Range range = sliced ? Range{0, blocks} : Range{begin, end};
        if (time == nullptr) {
          run_step(steps[s], worker, sample, tail, range);
          continue;
        }
        const auto start = Clock::now();
        run_step(steps[s], worker, sample, tail, range);
        worker_seconds_[static_cast<std::size_t>(worker)][s] +=
            std::chrono::duration<double>(Clock::now() - start).count();
      }
    }
  };
  if (phase.kind == PhaseKind::team)
    lanes(0, 0, 1);
  else
    run_lanes(plan_->threads, phase.extent, lanes);
}

RunResult Executor::Impl::guard(const Phase& phase) const {
  for (const Checked& check : phase.checks) {
    const std::byte* data = address(check.operand);
    const bool finite = check.dtype == DType::f64 ? all_finite<double>(data, check.elements)
                                                  : all_finite<float>(data, check.elements);
    if (!finite) return {RunResult::Status::not_finite, check.name};
  }
  return {};
}

void Executor::Impl::commit(const Phase& phase) const {
  for (const Copy& copy : phase.copies)
    std::memcpy(address(copy.to), address(copy.from), static_cast<std::size_t>(copy.bytes));
}

RunResult Executor::Impl::run() {
  const RegionFloatMode mode(modes_);
  const bool kept = workspace_->take(this);
  if (!kept || prepared_version_ != state_.version()) {
    for (std::size_t p = 0; p < prepare_.size(); ++p)
      run_phase(plan_->prepare[p], prepare_[p], nullptr);
    prepared_version_ = state_.version();
  }
  const auto begin = Clock::now();
  for (std::size_t p = 0; p < run_.size(); ++p) {
    const Phase& phase = plan_->run[p];
    PhaseTime* time = profile_ ? &profile_->phases[p] : nullptr;
    const auto start = profile_ ? Clock::now() : begin;
    if (time != nullptr)
      worker_seconds_.assign(workers_.size(), std::vector<double>(phase.steps.size(), 0));
    if (phase.kind == PhaseKind::guard) {
      if (RunResult result = guard(phase); !result.ok()) return result;
    } else if (phase.kind == PhaseKind::commit) {
      commit(phase);
    } else {
      run_phase(phase, run_[p], time);
    }
    if (time == nullptr) continue;
    time->seconds += std::chrono::duration<double>(Clock::now() - start).count();
    for (const auto& worker : worker_seconds_)
      for (std::size_t s = 0; s < worker.size(); ++s) time->steps[s].seconds += worker[s];
  }
  if (profile_) {
    ++profile_->runs;
    profile_->seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  }
  if (writes_) state_.touch();
  // What was prepared from constants alone stays good through this plan's own updates.
  if (writes_) prepared_version_ = state_.version();
  for (const Checked& check : plan_->checks_after)
    if (!all_zero(address(check.operand), check.elements))
      return {RunResult::Status::gradient_not_finite, check.name};
  return {};
}

Executor::Executor(std::shared_ptr<const Plan> plan, StateStore& state,
                   std::shared_ptr<Workspace> workspace)
    : impl_(std::make_unique<Impl>(std::move(plan), state, std::move(workspace))) {}
Executor::~Executor() = default;
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;

const Plan& Executor::plan() const { return *impl_->plan_; }

std::span<std::byte> Executor::input(std::string_view name) {
  return impl_->memory_of(port_named(impl_->plan_->inputs, name, "inputs"));
}

std::span<const std::byte> Executor::output(std::string_view name) const {
  return impl_->memory_of(port_named(impl_->plan_->outputs, name, "outputs"));
}

std::span<std::byte> Executor::input(std::string_view name, DType dtype) {
  const PlanPort& port = port_named(impl_->plan_->inputs, name, "inputs");
  require_dtype(port, dtype);
  return impl_->memory_of(port);
}

std::span<const std::byte> Executor::output(std::string_view name, DType dtype) const {
  const PlanPort& port = port_named(impl_->plan_->outputs, name, "outputs");
  require_dtype(port, dtype);
  return impl_->memory_of(port);
}

RunResult Executor::run() { return impl_->run(); }
void Executor::start_profile() { impl_->profile_ = Profile::of(*impl_->plan_); }
const std::optional<Profile>& Executor::profile() const { return impl_->profile_; }

}  // namespace evenkeel
