// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower_batch_norm.h"

namespace evenkeel {
namespace {

// Operands of BatchNorm. Behind the counter come the weights, or renorm's states where it moves
// deviation.
enum Operand : std::size_t { kX, kGamma, kBeta, kMovingMean, kMovingVariance, kUpdatesSeen };
constexpr std::size_t kWeights = 6;
constexpr std::size_t kMovingDeviation = 6;
constexpr std::size_t kRenormMean = 7;
constexpr std::size_t kRenormDeviation = 8;

struct Moments {
  Value count, mean, M2;
};

class Training {
 public:
  Training(Graph& to, const Node& node, const BatchNorm& layer, const std::vector<Value>& in)
      : to_(to), name_(node.name), layer_(layer), in_(in) {}

  Value lower() {
    const Value y = std::visit([&](const auto& kind) { return lower(kind); }, layer_.batch);
    to_.update(in_[kUpdatesSeen], add(Increment{}, {in_[kUpdatesSeen]}, "count_update"));
    return y;
  }

 private:
  Value add(Op op, std::vector<Value> inputs, const char* suffix) {
    return to_.add(std::move(op), std::move(inputs), name_ + "/" + suffix);
  }
  Moments add_moments(Op op, std::vector<Value> inputs, const char* suffix) {
    const NodeId node = add(std::move(op), std::move(inputs), suffix).node;
    return {{node, 0}, {node, 1}, {node, 2}};
  }
  Moments each_sample() { return add_moments(ChannelMoments{true}, {in_[kX]}, "moments/each"); }

  // y, and no state is written unless the statistics are finite.
  Value apply(const BatchNormApply& op, const Moments& m, Value gamma, Value beta) {
    std::vector<Value> inputs = {in_[kX], m.count, m.mean, m.M2, gamma, beta};
    if (weighted()) inputs.push_back(in_[kWeights]);
    const Value y = to_.add(op, std::move(inputs), name_);
    to_.guard(m.mean);
    to_.guard(m.M2);
    return y;
  }

  Value variance(const Moments& m) {
    return add(ChannelVariance{to_.type(in_[kX]).dtype}, {m.count, m.mean, m.M2}, "variance");
  }
  UpdateMoving rule() const { return {layer_.keep, layer_.count_weighted, layer_.variance}; }
  // M2 is f64: a variance may be finite there and too large for the state; and it is 0 / 0 where
  // all weights are 0.
  void guard_variance(const Moments& m) { to_.guard(variance(m)); }
  void move(const UpdateMoving& op, const Moments& m) {
    guard_variance(m);
    const NodeId moved =
        add(op, {in_[kMovingMean], in_[kMovingVariance], in_[kUpdatesSeen], m.count, m.mean, m.M2},
            "update_moving")
            .node;
    to_.update(in_[kMovingMean], {moved, 0});
    to_.update(in_[kMovingVariance], {moved, 1});
  }

  bool weighted() const {
    return std::holds_alternative<WholeRule>(layer_.batch) && in_.size() > kWeights;
  }

  Value lower(const WholeRule&) {
    const Moments m =
        weighted() ? weighted_moments() : add_moments(ChannelMoments{}, {in_[kX]}, "moments");
    const Value y = apply({layer_.epsilon}, m, gamma_over_deviation(m), in_[kBeta]);
    move(rule(), m);
    return y;
  }

  Moments weighted_moments() {
    const Moments each = each_sample();
    const NodeId by =
        add(WeightMoments{}, {each.count, each.M2, in_[kWeights]}, "moments/weighted").node;
    return add_moments(MergeSampleMoments{}, {{by, 0}, each.mean, {by, 1}}, "moments");
  }

  // Dividing by the variance is dividing by the deviation twice.
  Value gamma_over_deviation(const Moments& m) {
    if (!layer_.divide_by_variance) return in_[kGamma];
    const Value inverse = add(InverseDeviation{layer_.epsilon}, {variance(m)}, "inverse");
    return add(Multiply{}, {in_[kGamma], inverse}, "gamma_over_deviation");
  }

  Value lower(const GhostRule& ghost) {
    const Moments each = each_sample();
    const Moments group = add_moments(GroupMoments{ghost.size, ghost.grouping},
                                      {each.count, each.mean, each.M2}, "moments");
    const Value y =
        apply({layer_.epsilon, ghost.size, ghost.grouping}, group, in_[kGamma], in_[kBeta]);
    UpdateMoving update = rule();
    switch (ghost.statistics) {
      case GhostStatistics::merged:
        move(update,
             add_moments(MergeSampleMoments{}, {each.count, each.mean, each.M2}, "moments/merged"));
        break;
      case GhostStatistics::mean:
        move(update,
             add_moments(MeanMoments{}, {group.count, group.mean, group.M2}, "moments/mean"));
        break;
      case GhostStatistics::in_turn:
        update.group = ghost.size;
        update.grouping = ghost.grouping;
        move(update, group);
        break;
    }
    return y;
  }

  // gamma (xhat r + d) + beta = (gamma r) xhat + (gamma d + beta).
  Value lower(const RenormRule& renorm) {
    const bool deviation = renorm.moves == RenormMoves::deviation;
    const Moments m = add_moments(ChannelMoments{}, {in_[kX]}, "moments");
    const RenormCorrection correction{layer_.epsilon, renorm.rmax,  renorm.rmin,
                                      renorm.dmax,    renorm.moves, layer_.count_weighted};
    const NodeId factors =
        add(correction,
            {m.count, m.mean, m.M2, in_[deviation ? kRenormMean : std::size_t{kMovingMean}],
             in_[deviation ? kRenormDeviation : std::size_t{kMovingVariance}], in_[kUpdatesSeen]},
            "renorm")
            .node;
    const Value gamma = add(Multiply{}, {in_[kGamma], {factors, 0}}, "renorm/gamma");
    const Value shift = add(Multiply{}, {in_[kGamma], {factors, 1}}, "renorm/shift");
    const Value beta = add(Add{}, {shift, in_[kBeta]}, "renorm/beta");
    const Value y = apply({layer_.epsilon}, m, gamma, beta);
    if (deviation)
      move_deviations(renorm, m);
    else
      move(rule(), m);
    return y;
  }

  void move_deviations(const RenormRule& renorm, const Moments& m) {
    guard_variance(m);
    UpdateDeviation op{layer_.keep, layer_.count_weighted, layer_.variance, layer_.epsilon};
    const auto update = [&](std::size_t mean, std::size_t deviation, const char* suffix) {
      const Value moved =
          add(op, {in_[mean], in_[deviation], in_[kUpdatesSeen], m.count, m.mean, m.M2}, suffix);
      to_.update(in_[mean], {moved.node, 0});
      to_.update(in_[deviation], {moved.node, 1});
      return moved.node;
    };
    const NodeId moved = update(kMovingMean, kMovingDeviation, "update_moving");
    to_.update(in_[kMovingVariance], {moved, 2});
    if (renorm.keep > 0) op.keep = renorm.keep;
    op.variance = MovingVariance::population;
    update(kRenormMean, kRenormDeviation, "update_renorm");
  }

  Graph& to_;
  std::string name_;
  const BatchNorm& layer_;
  const std::vector<Value>& in_;
};

}  // namespace

Value training_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                          const std::vector<Value>& in) {
  return Training(to, node, layer, in).lower();
}

Value inference_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                           const std::vector<Value>& in) {
  const Value inverse =
      to.add(InverseDeviation{layer.epsilon}, {in[kMovingVariance]}, node.name + "/inverse");
  Value scale = to.add(Multiply{}, {in[kGamma], inverse}, node.name + "/scale");
  if (layer.divide_by_variance)
    scale = to.add(Multiply{}, {scale, inverse}, node.name + "/scale_over_deviation");
  return to.add(ChannelAffine{}, {in[kX], in[kMovingMean], scale, in[kBeta]}, node.name);
}

}  // namespace evenkeel
