// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/first_filters.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/graph/graph.h"
#include "evenkeel/study/doctor/numbers.h"

namespace evenkeel {
namespace {

// The kernel of the first convolution; nullptr where there is none.
const Node* first_kernel(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (!std::holds_alternative<Conv2d>(node.op)) continue;
    const Node& kernel = graph.node(node.inputs[1]);
    return std::holds_alternative<State>(kernel.op) ? &kernel : nullptr;
  }
  return nullptr;
}

std::uint8_t shade(double weight, double largest) {
  if (largest == 0 || std::isnan(weight)) return 128;
  return static_cast<std::uint8_t>(
      std::lround(128 + 127 * std::clamp(weight / largest, -1.0, 1.0)));
}

}  // namespace

std::optional<FirstFilters> first_filters(const Model& model,
                                          const std::map<std::string, Tensor>& state) {
  const Node* kernel = first_kernel(model.graph());
  const auto found = kernel == nullptr ? state.end() : state.find(kernel->name);
  if (found == state.end() || found->second.shape.rank() != 4) return std::nullopt;
  FirstFilters result{
      std::string(layer_of(kernel->name)), kernel->name, found->second.shape, 0, {}};
  const doctor::Numbers weights = doctor::numbers_of(found->second);
  for (const double weight : weights)
    if (std::isfinite(weight)) result.largest = std::max(result.largest, std::abs(weight));
  const std::int64_t places = result.shape[0] * result.shape[1];
  const std::int64_t channels = result.shape[2];
  const std::int64_t filters = result.shape[3];
  const auto at = [&](std::int64_t place, std::int64_t channel, std::int64_t filter) {
    return weights[static_cast<std::size_t>((place * channels + channel) * filters + filter)];
  };
  for (std::int64_t k = 0; k < filters; ++k) {
    Image picture{result.shape[0], result.shape[1], channels == 3 ? 3 : 1, {}};
    for (std::int64_t place = 0; place < places; ++place) {
      double sum = 0;
      for (std::int64_t c = 0; c < channels; ++c) {
        if (channels == 3) picture.pixels.push_back(shade(at(place, c, k), result.largest));
        sum += at(place, c, k);
      }
      if (channels != 3)
        picture.pixels.push_back(shade(sum / static_cast<double>(channels), result.largest));
    }
    result.pictures.push_back(std::move(picture));
  }
  return result;
}

}  // namespace evenkeel
