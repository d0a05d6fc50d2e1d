// SPDX-License-Identifier: Apache-2.0
// What keeps a WeightAverage while a trainer trains.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/compile/assignment.h"
#include "evenkeel/compile/pass.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/weight_average.h"

namespace evenkeel {

struct Checkpoint;

// InvalidArgument for a setting that makes no sense.
EVENKEEL_API void require_valid(const WeightAverage& average);

inline constexpr std::string_view kAverage = "state/average/";  // before a parameter's name
inline constexpr std::string_view kAveraged = "state/averaged_weights";  // i64[]: of so many
inline bool is_of_average(std::string_view name) {
  return name.starts_with(kAverage) || name == kAveraged;
}

// States "state/average/<parameter>" of all that `network` trains, and how many weights they are
// of, moved on by a plan of its own behind the step's. It and the network's states must outlive
// the object.
class WeightAveraging {
 public:
  // Adds its states to `state`. InvalidArgument for settings that make no sense.
  WeightAveraging(const Graph& network, const WeightAverage& settings, StateStore& state,
                  const Machine& machine, const PassOptions& passes,
                  std::shared_ptr<Workspace> workspace);

  bool averages() const { return !parameters_.empty(); }
  // Whether there is an average yet; until then the weights are what stands for it.
  bool begun() const { return averages() && averaged() > 0; }
  // Before a step: an exponential average starts from the weights as they are.
  void before_step();
  // After `step` of them are completed.
  void after_step(std::int64_t step);
  // The averages by their parameters' names.
  std::map<std::string, Tensor> tensors() const;

  // DataError where a file's count is none.
  void require_restorable(const Checkpoint& checkpoint, const std::string& where) const;
  // After the state was: an average of another kind begins anew, and one that the file lacks of a
  // single parameter (frozen there) with its weights.
  void restored(const Checkpoint& checkpoint);

 private:
  std::int64_t averaged() const;
  bool takes(std::int64_t step) const;
  void begin_anew();
  Graph graph() const;

  WeightAverage settings_;
  StateStore& state_;
  const Machine& machine_;  // whose threads are settled with the first step
  PassOptions passes_;
  std::shared_ptr<Workspace> workspace_;
  std::vector<Node> parameters_;  // none where there is nothing to average
  std::optional<Executor> executor_;
};

}  // namespace evenkeel
