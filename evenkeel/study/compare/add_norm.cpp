// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/add_norm.h"

#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/ops.h"

namespace evenkeel::compare {
namespace {

struct GammaBeta {
  Value gamma;
  Value beta;
};

GammaBeta add_gamma_beta(Graph& graph, Value x, const std::string& layer) {
  const ValueType type = {graph.type(x).dtype, {graph.type(x).shape.back()}};
  const Value gamma =
      graph.add(State{type, Role::gamma, Initializer::ones, 0}, {}, layer + "/gamma");
  const Value beta = graph.add(State{type, Role::beta, Initializer::zeros, 0}, {}, layer + "/beta");
  return {gamma, beta};
}

// y = gamma (x - 0) / sqrt(1 + epsilon) + beta, as ordinary ops.
Value add_never_updated(Graph& graph, Value x, double epsilon, const std::string& layer) {
  const auto [gamma, beta] = add_gamma_beta(graph, x, layer);
  const Value scaled = graph.add(Scale{1 / std::sqrt(1 + epsilon), graph.type(x).dtype}, {x},
                                 layer + "/never_updated");
  return graph.add(BiasAdd{}, {graph.add(ScaleAxis{-1}, {scaled, gamma}, layer + "/scale"), beta},
                   layer);
}

}  // namespace

Value add_norm(Graph& graph, Value x, const Norm& norm, const BatchNorm& written,
               std::optional<double> epsilon, const std::string& layer) {
  BatchNorm batch = written;
  batch.epsilon = epsilon.value_or(written.epsilon);
  switch (norm.kind) {
    case NormKind::none:
      return x;
    case NormKind::batch:
      return ops::batch_norm(graph, x, batch, layer);
    case NormKind::ghost:
      batch.batch = GhostRule{norm.number};
      return ops::batch_norm(graph, x, batch, layer);
    case NormKind::divide_by_variance:
      batch.divide_by_variance = true;
      return ops::batch_norm(graph, x, batch, layer);
    case NormKind::layer: {
      const auto [gamma, beta] = add_gamma_beta(graph, x, layer);
      LayerNorm op;
      op.epsilon = epsilon.value_or(op.epsilon);
      return graph.add(op, {x, gamma, beta}, layer);
    }
    case NormKind::group: {
      const std::int64_t channels = graph.type(x).shape.back();
      if (channels % norm.number != 0)
        throw InvalidArgument(to_string(norm), "expected a number of groups that divides the " +
                                                   std::to_string(channels) + " channels before '" +
                                                   layer + "', got " + std::to_string(norm.number));
      const auto [gamma, beta] = add_gamma_beta(graph, x, layer);
      GroupNorm op{norm.number};
      op.epsilon = epsilon.value_or(op.epsilon);
      return graph.add(op, {x, gamma, beta}, layer);
    }
    case NormKind::never_updated:
      return add_never_updated(graph, x, batch.epsilon, layer);
  }
  return x;
}

}  // namespace evenkeel::compare
