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

PredictingStatistics::PredictingStatistics(const Graph& network, StateStore& state,
                                           const Machine& machine, const PassOptions& passes,
                                           const Statistics& chosen, std::uint64_t seed,
                                           std::shared_ptr<Workspace> workspace)
    : network_(network),
      state_(state),
      machine_(machine),
      passes_(passes),
      workspace_(std::move(workspace)),
      chosen_(chosen) {
  options_.batch_size = 128;
  options_.seed = seed;
  const auto* recalibrated = std::get_if<Recalibrated>(&chosen);
  if (recalibrated == nullptr) return;
  if (recalibrated->images < 1)
    throw InvalidArgument("statistics", "expected at least 1 image to recalibrate over, got " +
                                            std::to_string(recalibrated->images));
  require_moving_statistics(network);
}

void PredictingStatistics::train_on(const Dataset& data, std::int64_t batch) {
  trained_on_ = data;
  if (std::exchange(options_.batch_size, batch) != batch && !source_.empty()) version_ = 0;
}

void PredictingStatistics::restored(StateTensors tensors, const Statistics& how) {
  const auto* recalibrated = std::get_if<Recalibrated>(&how);
  const bool has = recalibrated != nullptr && !tensors.empty();
  keep(std::move(tensors), has ? recalibrated->images : 0, {});
}

void PredictingStatistics::keep(StateTensors tensors, std::int64_t images,
                                std::span<const std::uint8_t> source) {
  tensors_ = std::move(tensors);
  images_ = images;
  source_ = source;
  version_ = state_.version();
}

bool PredictingStatistics::is_fresh(const Recalibrated& wanted) const {
  if (version_ != state_.version() || images_ != wanted.images) return false;
  const auto source = images_of(wanted).images();
  return source_.empty() || (source_.data() == source.data() && source_.size() == source.size());
}

bool PredictingStatistics::never_updated() const {
  return std::all_of(network_.nodes().begin(), network_.nodes().end(), [&](const Node& node) {
    if (!std::holds_alternative<BatchNorm>(node.op)) return true;
    const Tensor seen = state_.get(network_.node(node.inputs[BatchNorm::kUpdatesSeen]).name);
    return seen.values<std::int64_t>()[0] == 0;
  });
}

Recalibrator& PredictingStatistics::recalibrator() {
  if (!recalibrator_) recalibrator_.emplace(network_, state_, machine_, passes_, workspace_);
  return *recalibrator_;
}

const StateTensors& PredictingStatistics::now(const Statistics& statistics) {
  const DefaultFloatMode mode;
  const auto* wanted = std::get_if<Recalibrated>(&statistics);
  if (wanted == nullptr) return none_;
  if (is_fresh(*wanted)) return tensors_;
  const Dataset& data = images_of(*wanted);
  if (data.size() == 0)
    throw InvalidArgument("statistics",
                          "recalibrating expected training images, got none: call fit() first, or "
                          "give Recalibrated::data some");
  RecalibrateOptions options = options_;
  options.images = wanted->images;
  const Recalibration measured = recalibrator().measure(data, options);
  keep(state_tensors(measured, network_, state_), wanted->images, data.images());
  return tensors_;
}

const StateTensors& PredictingStatistics::to_save() {
  const auto* wanted = std::get_if<Recalibrated>(&chosen_);
  if (wanted == nullptr) return none_;
  if (!is_fresh(*wanted) && images_of(*wanted).size() == 0 && never_updated()) return none_;
  return now(chosen_);
}

std::unique_ptr<LentState> PredictingStatistics::lend(const Statistics& statistics) {
  const StateTensors& tensors = now(statistics);
  if (tensors.empty()) return nullptr;
  return std::make_unique<LentState>(state_, tensors, version_);
}

Recalibration PredictingStatistics::replace(const Dataset& data,
                                            const RecalibrateOptions& options) {
  const DefaultFloatMode mode;
  const auto* chosen = std::get_if<Recalibrated>(&chosen_);
  const bool had_own = chosen != nullptr && is_fresh(*chosen);
  Recalibration measured = recalibrator().measure(data, options, had_own ? tensors_ : none_);
  StateTensors tensors = state_tensors(measured, network_, state_);
  set_all(state_, tensors);
  // Where the trainer predicts with recalibrated ones, these are they until it trains on.
  keep(std::move(tensors), chosen != nullptr ? chosen->images : 0, {});
  return measured;
}

}  // namespace evenkeel
