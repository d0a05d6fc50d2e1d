// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower_batch_norm.h"

#include "evenkeel/compile/batch_norm_builder.h"
#include "evenkeel/compile/lower_renorm.h"

namespace evenkeel {
namespace {

class Training : private BatchNormBuilder {
 public:
  using BatchNormBuilder::BatchNormBuilder;

  Value lower(const WholeRule&) {
    const Moments m = weighted() ? weighted_moments()
                                 : add_moments(ChannelMoments{}, {in_[BatchNorm::kX]}, "moments");
    const Value y = apply({layer_.epsilon}, m, gamma_over_deviation(m), in_[BatchNorm::kBeta]);
    move(rule(), m);
    return y;
  }

  Value lower(const GhostRule& ghost) {
    const Moments each = each_sample();
    const Moments group = add_moments(GroupMoments{ghost.size, ghost.grouping},
                                      {each.count, each.mean, each.M2}, "moments");
    const Value y = apply({layer_.epsilon, ghost.size, ghost.grouping}, group,
                          in_[BatchNorm::kGamma], in_[BatchNorm::kBeta]);
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

 private:
  Moments each_sample() {
    return add_moments(ChannelMoments{true}, {in_[BatchNorm::kX]}, "moments/each");
  }

  Moments weighted_moments() {
    const Moments each = each_sample();
    const NodeId by =
        add(WeightMoments{}, {each.count, each.M2, in_[BatchNorm::kWeights]}, "moments/weighted")
            .node;
    return add_moments(MergeSampleMoments{}, {{by, 0}, each.mean, {by, 1}}, "moments");
  }

  // Dividing by the variance is dividing by the deviation twice.
  Value gamma_over_deviation(const Moments& m) {
    if (!layer_.divide_by_variance) return in_[BatchNorm::kGamma];
    const Value inverse = add(InverseDeviation{layer_.epsilon}, {variance(m)}, "inverse");
    return add(Multiply{}, {in_[BatchNorm::kGamma], inverse}, "gamma_over_deviation");
  }
};

}  // namespace

Value training_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                          const std::vector<Value>& in) {
  Training training(to, node, layer, in);
  const Value y = std::visit(
      [&](const auto& rule) {
        if constexpr (std::is_same_v<std::decay_t<decltype(rule)>, RenormRule>)
          return training_renorm(to, node, layer, rule, in);
        else
          return training.lower(rule);
      },
      layer.batch);
  to.update(in[BatchNorm::kUpdatesSeen],
            to.add(Increment{}, {in[BatchNorm::kUpdatesSeen]}, node.name + "/count_update"));
  return y;
}

Value inference_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                           const std::vector<Value>& in) {
  const Value inverse = to.add(InverseDeviation{layer.epsilon}, {in[BatchNorm::kMovingVariance]},
                               node.name + "/inverse");
  Value scale = to.add(Multiply{}, {in[BatchNorm::kGamma], inverse}, node.name + "/scale");
  if (layer.divide_by_variance)
    scale = to.add(Multiply{}, {scale, inverse}, node.name + "/scale_over_deviation");
  return to.add(ChannelAffine{},
                {in[BatchNorm::kX], in[BatchNorm::kMovingMean], scale, in[BatchNorm::kBeta]},
                node.name);
}

}  // namespace evenkeel
