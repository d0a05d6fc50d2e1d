// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/folding.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "evenkeel/base/float_mode.h"
#include "evenkeel/base/random.h"
#include "evenkeel/runtime/executor.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kProbes = 16;

// Random images, the same every time.
void fill_probes(std::span<std::byte> images) {
  const Random random(1, Purpose::test, 0);
  for (std::size_t i = 0; i < images.size(); ++i)
    images[i] = static_cast<std::byte>(random.bits(i) & 0xFF);
}

// max |a - b| / max |b|; infinite where either is not finite.
double relative_difference(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return HUGE_VAL;
    largest = std::max(largest, std::abs(b[i]));
    difference = std::max(difference, std::abs(a[i] - b[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

bool has_batch_norm(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return std::holds_alternative<BatchNorm>(node.op); });
}

}  // namespace

PassOptions with_folding(PassOptions passes, bool fold) {
  if (!fold) passes.disabled.insert("fold_batch_norm");
  return passes;
}

class FoldingProbe::Impl {
 public:
  Impl(const Graph& network, StateStore& state, const Machine& machine, PassOptions passes,
       std::shared_ptr<Workspace> workspace) {
    passes.weights = Weights::f32;  // folded kernels round to others in bf16
    if (!has_batch_norm(network) || passes.disabled.count("fold_batch_norm") > 0) return;
    const auto compile = [&](bool fold) {
      return compile_inference(network, {kProbes, machine, with_folding(passes, fold)});
    };
    if (!workspace) workspace = std::make_shared<Workspace>();
    folded_.emplace(compile(true), state, workspace);
    plain_.emplace(compile(false), state, workspace);
    f64_ = network.type(network.find_output("logits")).dtype == DType::f64;
  }

  double difference() {
    if (!folded_) return 0;
    const DefaultFloatMode mode;
    const std::vector<double> folded = logits(*folded_);
    return relative_difference(folded, logits(*plain_));
  }

 private:
  std::vector<double> logits(Executor& executor) const {
    fill_probes(executor.input("images"));
    executor.run();
    const auto copy = [](auto values) { return std::vector<double>(values.begin(), values.end()); };
    return f64_ ? copy(executor.output_as<double>("logits"))
                : copy(executor.output_as<float>("logits"));
  }

  std::optional<Executor> folded_;
  std::optional<Executor> plain_;
  bool f64_ = false;
};

FoldingProbe::FoldingProbe(const Graph& network, StateStore& state, const Machine& machine,
                           const PassOptions& passes, std::shared_ptr<Workspace> workspace)
    : impl_(std::make_unique<Impl>(network, state, machine, passes, std::move(workspace))) {}
FoldingProbe::~FoldingProbe() = default;
FoldingProbe::FoldingProbe(FoldingProbe&&) noexcept = default;

double FoldingProbe::difference() { return impl_->difference(); }

}  // namespace evenkeel
