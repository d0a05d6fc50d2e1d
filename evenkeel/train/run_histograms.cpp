// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_histograms.h"

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/gradient_probe.h"

namespace evenkeel {
namespace {

tensorboard::Histogram histogram_of(const Tensor& tensor) {
  if (tensor.dtype == DType::f64) return tensorboard::histogram_of(tensor.values<double>());
  return tensorboard::histogram_of(tensor.values<float>());
}

// "gamma/block1/bn" of "block1/bn/gamma".
std::string by_layer(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) return name;
  return name.substr(slash + 1) + "/" + name.substr(0, slash);
}

std::string tag_of(const std::string& name, Role role) {
  return role == Role::parameter || role == Role::bias ? "weights/" + name : by_layer(name);
}

}  // namespace

std::vector<std::pair<std::string, tensorboard::Histogram>> run_histograms(const Trainer& trainer,
                                                                           const Dataset& data,
                                                                           std::int64_t batch) {
  std::vector<std::pair<std::string, tensorboard::Histogram>> result;
  for (const Node& node : trainer.model().graph().nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr || state->type.dtype != DType::f32) continue;  // a count of updates
    result.emplace_back(tag_of(node.name, state->role), histogram_of(trainer.state(node.name)));
  }
  if (data.size() == 0) return result;
  for (const auto& [name, gradient] : next_gradients(trainer, data, batch))
    result.emplace_back("gradients/" + name, histogram_of(gradient));
  return result;
}

}  // namespace evenkeel
