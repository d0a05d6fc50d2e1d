// SPDX-License-Identifier: Apache-2.0
// Runs a plan: plan + state -> new state. One executor serves one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/compile/plan.h"
#include "evenkeel/runtime/profiler.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/runtime/workspace.h"

namespace evenkeel {

// How a run ended. not_finite: the guard stopped it and no state was written; `what` is the guarded
// value. gradient_not_finite: state was written already, only a checkpoint helps.
struct RunResult {
  enum class Status { done, not_finite, gradient_not_finite } status = Status::done;
  std::string what = {};
  bool ok() const { return status == Status::done; }
};

// All memory, look-ups and kernel contexts are made in the constructor; run() only follows
// pointers. The state must outlive the executor and keep its tensors in place. Where executors
// share a workspace, inputs are filled right before run(), and outputs end with anyone's next run.
class EVENKEEL_API Executor {
 public:
  // Without a workspace: one of its own.
  Executor(std::shared_ptr<const Plan> plan, StateStore& state,
           std::shared_ptr<Workspace> workspace = nullptr);
  ~Executor();
  Executor(Executor&&) noexcept;
  Executor& operator=(Executor&&) noexcept;

  const Plan& plan() const;
  // The memory of an input, to be filled before run(); of an output, valid until the next run().
  std::span<std::byte> input(std::string_view name);
  std::span<const std::byte> output(std::string_view name) const;
  // InvalidArgument where T is not the dtype of that input or output.
  template <typename T>
  std::span<T> input_as(std::string_view name) {
    const auto bytes = input(name, dtype_of<T>);
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <typename T>
  std::span<const T> output_as(std::string_view name) const {
    const auto bytes = output(name, dtype_of<T>);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  // In the default floating-point mode, whatever the caller's is, which stays as it was.
  RunResult run();

  // Adds the time of each following run to a profile.
  void start_profile();
  const std::optional<Profile>& profile() const;

 private:
  std::span<std::byte> input(std::string_view name, DType dtype);
  std::span<const std::byte> output(std::string_view name, DType dtype) const;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
