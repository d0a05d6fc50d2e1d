// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/lower_renorm.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/compile/batch_norm_builder.h"

namespace evenkeel {
namespace {

class Renorm : private BatchNormBuilder {
 public:
  Renorm(const BatchNormBuilder& builder, const RenormRule& rule)
      : BatchNormBuilder(builder), renorm_(rule) {}

  // gamma (xhat r + d) + beta = (gamma r) xhat + (gamma d + beta).
  Value lower() {
    const Moments m = add_moments(ChannelMoments{}, {in_[BatchNorm::kX]}, "moments");
    const Correction by = correction(m);
    const Value gamma = add(Multiply{}, {in_[BatchNorm::kGamma], by.r}, "renorm/gamma");
    const Value shift = add(Multiply{}, {in_[BatchNorm::kGamma], by.d}, "renorm/shift");
    const Value beta = add(Add{}, {shift, in_[BatchNorm::kBeta]}, "renorm/beta");
    const Value y = apply({layer_.epsilon}, m, gamma, beta);
    if (moves_deviation())
      move_deviations(m);
    else
      move(rule(), m);
    return y;
  }

 private:
  struct Correction {
    Value r, d;
  };
  struct Limits {
    Value low, high;
  };

  bool moves_deviation() const { return renorm_.moves == RenormMoves::deviation; }

  // r = s / S' and d = (mean - M) / S', within limits.
  Correction correction(const Moments& m) {
    const Value M = in_[moves_deviation() ? BatchNorm::kRenormMean : BatchNorm::kMovingMean];
    const Value S = moved_deviation();
    const Value s = deviation_of(m, MovingVariance::population, "renorm/batch");
    const Value shift = add(Difference{dtype()}, {m.mean, M}, "renorm/mean_shift");
    const Value ratio = add(Divide{}, {s, S}, "renorm/ratio");
    const Value distance = add(Divide{}, {shift, S}, "renorm/distance");
    return {factor(ratio, r_limits(), "renorm/r"), factor(distance, d_limits(), "renorm/d")};
  }

  // S'
  Value moved_deviation() {
    if (moves_deviation())
      return at_least(in_[BatchNorm::kRenormDeviation], std::sqrt(layer_.epsilon),
                      "renorm/deviation");
    return add(Deviation{layer_.epsilon}, {in_[BatchNorm::kMovingVariance]}, "renorm/deviation");
  }

  Limits r_limits() {
    const Value high = limit(renorm_.rmax, 1, "renorm/rmax");
    const std::vector<double>& rmin = renorm_.rmin;
    if (!rmin.empty()) return {limit({rmin[0], rmin[1], rmin[2], rmin[3]}, 1, "renorm/rmin"), high};
    return {add(Divide{}, {number(1, "renorm/one"), high}, "renorm/rmin"), high};
  }

  Limits d_limits() {
    const Value high = limit(renorm_.dmax, 0, "renorm/dmax");
    return {add(Scale{-1, dtype()}, {high}, "renorm/dmin"), high};
  }

  // The ramp's value after the updates seen. Where they are counted it is `neutral` before the
  // first, when there is nothing to correct by.
  Value limit(const Ramp& ramp, double neutral, const std::string& suffix) {
    const auto [from, to, begin, end] = ramp;
    PiecewiseLinear line{{begin, end}, {from, to}};
    const double first = ramp_at(ramp, 1);
    if (layer_.count_weighted)
      line = {{1, 1, std::max(1.0, begin), std::max(1.0, end)},
              {neutral, first, begin > 1 ? from : first, end > 1 ? to : first}};
    const Value limit = add(line, {in_[BatchNorm::kUpdatesSeen]}, suffix + "/exact");
    return add(Scale{1, dtype()}, {limit}, suffix);
  }

  // x within limits, a constant to the gradient.
  Value factor(Value x, Limits limits, const std::string& suffix) {
    const Value inside = add(Clamp{}, {x, limits.low, limits.high}, suffix + "/in_limits");
    return add(StopGradient{}, {inside}, suffix);
  }

  // What inference reads, with the averaged deviation's square as the variance, and what corrects.
  void move_deviations(const Moments& m) {
    guard_variance(m);
    average(layer_.keep, BatchNorm::kMovingMean, m.mean, "update_moving/mean");
    const Value deviation =
        average(layer_.keep, BatchNorm::kMovingDeviation,
                deviation_of(m, layer_.variance, "update_moving/batch"), "update_moving/deviation");
    to_.update(in_[BatchNorm::kMovingVariance], variance_by(deviation, "update_moving/variance"));
    const double keep = renorm_.keep > 0 ? renorm_.keep : layer_.keep;
    average(keep, BatchNorm::kRenormMean, m.mean, "update_renorm/mean");
    average(keep, BatchNorm::kRenormDeviation,
            deviation_of(m, MovingVariance::population, "update_renorm/batch"),
            "update_renorm/deviation");
  }

  Value average(double keep, BatchNorm::Operand state, Value value, const std::string& suffix) {
    const Value moved = add(MovingAverage{keep, layer_.count_weighted},
                            {in_[state], in_[BatchNorm::kUpdatesSeen], value}, suffix);
    to_.update(in_[state], moved);
    return moved;
  }

  Value deviation_of(const Moments& m, MovingVariance which, const std::string& suffix) {
    const Value variance =
        add(ChannelVariance{dtype(), which}, {m.count, m.mean, m.M2}, suffix + "_variance");
    return add(Deviation{layer_.epsilon}, {variance}, suffix + "_deviation");
  }

  // max(deviation^2 - epsilon, 0)
  Value variance_by(Value deviation, const std::string& suffix) {
    const Value square = add(Multiply{}, {deviation, deviation}, suffix + "/square");
    const Value epsilon =
        add(Constant{to_.type(deviation), layer_.epsilon}, {}, suffix + "/epsilon");
    const Value difference = add(Difference{dtype()}, {square, epsilon}, suffix + "/difference");
    return at_least(difference, 0, suffix);
  }

  Value at_least(Value x, double low, const std::string& suffix) {
    return add(Clamp{}, {x, number(low, suffix + "/low"), number(HUGE_VAL, suffix + "/high")},
               suffix);
  }
  Value number(double value, const std::string& suffix) {
    return add(Constant{{dtype(), {}}, value}, {}, suffix);
  }
  DType dtype() const { return to_.type(in_[BatchNorm::kX]).dtype; }

  const RenormRule& renorm_;
};

}  // namespace

Value training_renorm(Graph& to, const Node& node, const BatchNorm& layer, const RenormRule& renorm,
                      const std::vector<Value>& in) {
  return Renorm({to, node, layer, in}, renorm).lower();
}

}  // namespace evenkeel
