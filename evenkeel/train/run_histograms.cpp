// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_histograms.h"

#include <span>
#include <variant>

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/trainer_view.h"

namespace evenkeel {
namespace {

template <typename T>
std::span<const T> values_of(const TensorView& tensor) {
  return {reinterpret_cast<const T*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(T)};
}

tensorboard::Histogram histogram_of(const TensorView& tensor) {
  if (tensor.dtype == DType::f64) return tensorboard::histogram_of(values_of<double>(tensor));
  return tensorboard::histogram_of(values_of<float>(tensor));
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

void run_histograms(const Trainer& trainer, const Dataset& data, std::int64_t images,
                    const TakeHistogram& take) {
  const TrainerView view(trainer);
  for (const Node& node : trainer.model().graph().nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr || state->type.dtype != DType::f32) continue;  // a count of updates
    take(tag_of(node.name, state->role), histogram_of(view.state(node.name)));
  }
  if (data.size() == 0) return;
  view.next_gradients(data, images, [&](const std::string& name, const TensorView& gradient) {
    take("gradients/" + name, histogram_of(gradient));
  });
}

}  // namespace evenkeel
