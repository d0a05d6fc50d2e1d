// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/predicting.h"

#include <algorithm>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/float_mode.h"
#include "evenkeel/train/moments_graph.h"

namespace evenkeel {
namespace {

void set_all(StateStore& state, const StateTensors& tensors) {
  for (const auto& [name, tensor] : tensors) state.set(name, tensor);
}

void refuse_moving_statistics() {
  throw InvalidArgument(
      "average",
      "expected recalibrated statistics beside averaged weights, got moving ones: those are an "
      "average of what batch norm saw of the weights of past steps, and of no use to the average "
      "of these weights, which no batch went through; use Recalibrated statistics, or no average");
}

}  // namespace

LentState::LentState(StateStore& state, const StateTensors& tensors, std::uint64_t& version)
    : state_(state), version_(version) {
  for (const auto& [name, tensor] : tensors) own_[name] = state.get(name);
  set_all(state, tensors);
}

LentState::~LentState() {
  set_all(state_, own_);
  version_ = state_.version();
}

PredictingTensors::PredictingTensors(const Graph& network, StateStore& state,
                                     const WeightAveraging& averaging, const Machine& machine,
                                     const PassOptions& passes, const Statistics& chosen,
                                     std::uint64_t seed, std::shared_ptr<Workspace> workspace)
    : network_(network),
      state_(state),
      averaging_(averaging),
      machine_(machine),
      passes_(passes),
      workspace_(std::move(workspace)),
      chosen_(chosen) {
  options_.batch_size = 128;
  options_.seed = seed;
  const auto* recalibrated = std::get_if<Recalibrated>(&chosen);
  if (recalibrated == nullptr) {
    if (averaging.averages() && has_moving_statistics(network)) refuse_moving_statistics();
    return;
  }
  if (recalibrated->images < 1)
    throw InvalidArgument("statistics", "expected at least 1 image to recalibrate over, got " +
                                            std::to_string(recalibrated->images));
  require_moving_statistics(network);
}

void PredictingTensors::train_on(const Dataset& data, std::int64_t batch) {
  trained_on_ = data;
  if (std::exchange(options_.batch_size, batch) != batch && source_.size() > 0) version_ = 0;
}

void PredictingTensors::restored(StateTensors tensors, const Statistics& how) {
  const auto* recalibrated = std::get_if<Recalibrated>(&how);
  // Of no use where other weights are averaged here than were there.
  if (weights_in(tensors) != (averaging_.begun() ? averaging_.tensors() : StateTensors()))
    tensors.clear();
  const bool has = recalibrated != nullptr && !tensors.empty();
  keep(std::move(tensors), has ? recalibrated->images : 0, {});
}

void PredictingTensors::keep(StateTensors tensors, std::int64_t images, const Dataset& source) {
  tensors_ = std::move(tensors);
  images_ = images;
  source_ = source;
  version_ = state_.version();
}

StateTensors PredictingTensors::weights_in(const StateTensors& tensors) const {
  StateTensors result;
  for (const auto& [name, tensor] : tensors)
    if (trained(state_.entry(name).role)) result.emplace(name, tensor);
  return result;
}

bool PredictingTensors::is_fresh(const Recalibrated& wanted) const {
  if (version_ != state_.version() || images_ != wanted.images) return false;
  return source_.size() == 0 || source_.shares_images_with(images_of(wanted));
}

bool PredictingTensors::never_updated() const {
  return std::all_of(network_.nodes().begin(), network_.nodes().end(), [&](const Node& node) {
    if (!std::holds_alternative<BatchNorm>(node.op)) return true;
    const Tensor seen = state_.get(network_.node(node.inputs[BatchNorm::kUpdatesSeen]).name);
    return seen.values<std::int64_t>()[0] == 0;
  });
}

Recalibrator& PredictingTensors::recalibrator() {
  if (!recalibrator_) recalibrator_.emplace(network_, state_, machine_, passes_, workspace_);
  return *recalibrator_;
}

const StateTensors& PredictingTensors::now(const Statistics& statistics) {
  const DefaultFloatMode mode;
  const auto* wanted = std::get_if<Recalibrated>(&statistics);
  if (wanted == nullptr) return averages_alone();
  if (is_fresh(*wanted)) return tensors_;
  const Dataset& data = images_of(*wanted);
  if (data.size() == 0)
    throw InvalidArgument("statistics",
                          "recalibrating expected training images, got none: call fit() first, or "
                          "give Recalibrated::data some");
  RecalibrateOptions options = options_;
  options.images = wanted->images;
  keep(measured(data, options), wanted->images, data);
  return tensors_;
}

const StateTensors& PredictingTensors::averages_alone() {
  if (!averaging_.begun()) return none_;
  if (has_moving_statistics(network_)) refuse_moving_statistics();
  if (version_ != state_.version()) keep(averaging_.tensors(), 0, {});
  return tensors_;
}

StateTensors PredictingTensors::measured(const Dataset& data, const RecalibrateOptions& options) {
  if (!averaging_.begun())
    return state_tensors(recalibrator().measure(data, options), network_, state_);
  StateTensors weights = averaging_.tensors();
  StateTensors tensors;
  {
    const LentState lent(state_, weights, version_);
    tensors = state_tensors(recalibrator().measure(data, options), network_, state_);
  }
  tensors.merge(weights);
  return tensors;
}

const StateTensors& PredictingTensors::to_save() {
  const auto* wanted = std::get_if<Recalibrated>(&chosen_);
  if (wanted == nullptr) return averages_alone();
  if (!is_fresh(*wanted) && images_of(*wanted).size() == 0 && never_updated()) return none_;
  return now(chosen_);
}

std::unique_ptr<LentState> PredictingTensors::lend(const Statistics& statistics) {
  const StateTensors& tensors = now(statistics);
  if (tensors.empty()) return nullptr;
  return std::make_unique<LentState>(state_, tensors, version_);
}

Recalibration PredictingTensors::replace(const Dataset& data, const RecalibrateOptions& options) {
  const DefaultFloatMode mode;
  const auto* chosen = std::get_if<Recalibrated>(&chosen_);
  const bool averaged = averaging_.begun();
  const bool had_own = chosen != nullptr && !averaged && is_fresh(*chosen);
  Recalibration measured = recalibrator().measure(data, options, had_own ? tensors_ : none_);
  StateTensors tensors = state_tensors(measured, network_, state_);
  set_all(state_, tensors);
  // Where the trainer predicts with recalibrated ones, these are they until it trains on; of
  // averaged weights they are others.
  if (averaged) tensors = chosen != nullptr ? this->measured(data, options) : averaging_.tensors();
  keep(std::move(tensors), chosen != nullptr ? chosen->images : 0, {});
  return measured;
}

}  // namespace evenkeel
