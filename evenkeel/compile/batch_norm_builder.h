// SPDX-License-Identifier: Apache-2.0
// What the lowering of every kind of batch norm has in common: nodes by the layer's name, the
// normalising itself, and the update of what inference reads.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

class BatchNormBuilder {
 public:
  BatchNormBuilder(Graph& to, const Node& node, const BatchNorm& layer,
                   const std::vector<Value>& in)
      : to_(to), name_(node.name), layer_(layer), in_(in) {}

 protected:
  struct Moments {
    Value count, mean, M2;
  };

  // Nodes named <layer>/<suffix>.
  Value add(Op op, std::vector<Value> inputs, const std::string& suffix);
  Moments add_moments(Op op, std::vector<Value> inputs, const std::string& suffix);

  // y, and no state is written unless the statistics are finite.
  Value apply(const BatchNormApply& op, const Moments& m, Value gamma, Value beta);

  // <layer>/variance, which is guarded too: M2 is f64, so a variance may be finite there and too
  // large for the state; and it is 0 / 0 where all weights are 0.
  Value variance(const Moments& m);
  void guard_variance(const Moments& m) { to_.guard(variance(m)); }

  UpdateMoving rule() const { return {layer_.keep, layer_.count_weighted, layer_.variance}; }
  void move(const UpdateMoving& op, const Moments& m);

  bool weighted() const;

  Graph& to_;
  std::string name_;
  const BatchNorm& layer_;
  const std::vector<Value>& in_;
};

}  // namespace evenkeel
