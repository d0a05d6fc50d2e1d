// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/evaluator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/folding.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kSlice = 128;

}  // namespace

class Evaluator::Impl {
 public:
  Impl(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
       const PassOptions& passes, std::shared_ptr<Workspace> workspace)
      : network_(network),
        loss_(loss),
        state_(state),
        machine_(machine),
        passes_(passes),
        workspace_(workspace ? std::move(workspace) : std::make_shared<Workspace>()) {}

  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options);

  bool folded_ = true;
  double difference_ = 0;

 private:
  struct Key {
    bool folded;
    Labels labels;
    std::int64_t top_k;
    Weights weights;
    bool operator<(const Key& other) const {
      return std::tie(folded, labels, top_k, weights) <
             std::tie(other.folded, other.labels, other.top_k, other.weights);
    }
  };
  Executor& ready(Labels labels, const EvaluateOptions& asked);
  void require_images(const Dataset& data) const;

  const Graph& network_;
  Loss loss_;
  StateStore& state_;
  Machine machine_;
  PassOptions passes_;
  std::shared_ptr<Workspace> workspace_;
  std::uint64_t probed_version_ = 0;
  std::optional<FoldingProbe> probe_;
  std::map<Key, Executor> plans_;
};

// The executor for the state as it is now: probes folding anew where the state has changed.
Executor& Evaluator::Impl::ready(Labels labels, const EvaluateOptions& asked) {
  require_trained_statistics(network_, state_);
  if (probed_version_ != state_.version()) {
    if (!probe_) probe_.emplace(network_, state_, machine_, passes_, workspace_);
    difference_ = probe_->difference();
    folded_ = difference_ <= FoldingProbe::kTolerance;
    probed_version_ = state_.version();
  }
  const Key key{folded_, labels, asked.top_k, asked.weights};
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  const Graph graph = add_evaluation(network_, loss_, labels, asked.top_k);
  CompileOptions options{kSlice, machine_, with_folding(passes_, folded_)};
  options.passes.weights = asked.weights;
  return plans_.emplace(key, Executor(compile_inference(graph, options), state_, workspace_))
      .first->second;
}

void Evaluator::Impl::require_images(const Dataset& data) const {
  const Shape image = network_.node(network_.find("images")).outputs[0].shape;
  if (data.size() == 0) throw InvalidArgument("evaluate", "expected at least one image, got none");
  if (Shape{kBatch, data.image_shape()[0], data.image_shape()[1], data.image_shape()[2]} != image)
    throw InvalidArgument("evaluate", "expected images " + to_string(image) + ", got " +
                                          to_string(data.image_shape()) + " each");
}

Evaluation Evaluator::Impl::evaluate(const Dataset& data, const EvaluateOptions& options) {
  require_images(data);
  if (options.top_k < 0)
    throw InvalidArgument("top_k", "expected at least 0, got " + std::to_string(options.top_k));
  const ValueType& logits = network_.type(network_.find_output("logits"));
  if (options.top_k > 0 && logits.shape.back() < 2)
    throw InvalidArgument("top_k",
                          "expected a network of at least 2 classes, got one with 1 output, "
                          "whose accuracy already says which side is right");
  if (options.top_k > logits.shape.back())
    throw InvalidArgument("top_k", "expected at most the " + std::to_string(logits.shape.back()) +
                                       " classes of the network, got " +
                                       std::to_string(options.top_k));
  Executor& executor = ready(labels_of(data), options);
  const bool f64 = logits.dtype == DType::f64;
  Evaluation result;
  result.images = data.size();
  std::vector<std::int64_t> indices(static_cast<std::size_t>(kSlice));
  for (std::int64_t begin = 0; begin < data.size(); begin += kSlice) {
    const auto count = static_cast<std::size_t>(std::min(kSlice, data.size() - begin));
    // The last slice is filled up with the first image; what it gives is not looked at.
    for (std::size_t i = 0; i < indices.size(); ++i)
      indices[i] = i < count ? begin + static_cast<std::int64_t>(i) : 0;
    feed(executor, data, indices);
    executor.run();
    const auto correct = executor.output_as<std::int32_t>("correct");
    for (std::size_t i = 0; i < count; ++i) {
      result.loss += f64 ? executor.output_as<double>("losses")[i]
                         : static_cast<double>(executor.output_as<float>("losses")[i]);
      result.correct += correct[i];
      if (options.top_k > 0) result.in_top_k += executor.output_as<std::int32_t>("in_top_k")[i];
    }
  }
  const auto images = static_cast<double>(result.images);
  result.loss /= images;
  result.accuracy = static_cast<double>(result.correct) / images;
  result.top_k_accuracy = static_cast<double>(result.in_top_k) / images;
  return result;
}

Evaluator::Evaluator(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
                     const PassOptions& passes, std::shared_ptr<Workspace> workspace)
    : impl_(std::make_unique<Impl>(network, loss, state, machine, passes, std::move(workspace))) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

Evaluation Evaluator::evaluate(const Dataset& data, const EvaluateOptions& options) {
  return impl_->evaluate(data, options);
}
bool Evaluator::folded() const { return impl_->folded_; }
double Evaluator::probe_difference() const { return impl_->difference_; }

}  // namespace evenkeel
