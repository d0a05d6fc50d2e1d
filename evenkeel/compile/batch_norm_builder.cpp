// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/batch_norm_builder.h"

#include <utility>

namespace evenkeel {

Value BatchNormBuilder::add(Op op, std::vector<Value> inputs, const std::string& suffix) {
  return to_.add(std::move(op), std::move(inputs), name_ + "/" + suffix);
}

BatchNormBuilder::Moments BatchNormBuilder::add_moments(Op op, std::vector<Value> inputs,
                                                        const std::string& suffix) {
  const NodeId node = add(std::move(op), std::move(inputs), suffix).node;
  return {{node, 0}, {node, 1}, {node, 2}};
}

Value BatchNormBuilder::apply(const BatchNormApply& op, const Moments& m, Value gamma, Value beta) {
  std::vector<Value> inputs = {in_[BatchNorm::kX], m.count, m.mean, m.M2, gamma, beta};
  if (weighted()) inputs.push_back(in_[BatchNorm::kWeights]);
  const Value y = to_.add(op, std::move(inputs), name_);
  to_.guard(m.mean);
  to_.guard(m.M2);
  return y;
}

Value BatchNormBuilder::variance(const Moments& m) {
  return add(ChannelVariance{to_.type(in_[BatchNorm::kX]).dtype}, {m.count, m.mean, m.M2},
             "variance");
}

void BatchNormBuilder::move(const UpdateMoving& op, const Moments& m) {
  guard_variance(m);
  const NodeId moved = add(op,
                           {in_[BatchNorm::kMovingMean], in_[BatchNorm::kMovingVariance],
                            in_[BatchNorm::kUpdatesSeen], m.count, m.mean, m.M2},
                           "update_moving")
                           .node;
  to_.update(in_[BatchNorm::kMovingMean], {moved, 0});
  to_.update(in_[BatchNorm::kMovingVariance], {moved, 1});
}

bool BatchNormBuilder::weighted() const {
  return std::holds_alternative<WholeRule>(layer_.batch) && in_.size() > BatchNorm::kWeights;
}

}  // namespace evenkeel
