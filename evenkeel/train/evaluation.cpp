#include "evenkeel/train/evaluation.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
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
       const PassOptions& passes)
      : network_(network),
        graph_(add_evaluation(network, loss)),
        state_(state),
        machine_(machine),
        passes_(passes) {}

  Evaluation evaluate(const Dataset& data);
  Executor& ready();

  bool folded_ = true;
  double difference_ = 0;

 private:
  const Graph& network_;
  Graph graph_;
  StateStore& state_;
  Machine machine_;
  PassOptions passes_;
  std::uint64_t probed_version_ = 0;
  std::optional<FoldingProbe> probe_;
  std::unique_ptr<Executor> folded_plan_;
  std::unique_ptr<Executor> plain_plan_;
};

// The executor for the state as it is now: probes folding anew where the state has changed.
Executor& Evaluator::Impl::ready() {
  require_trained_statistics(network_, state_);
  if (probed_version_ != state_.version()) {
    if (!probe_) probe_.emplace(graph_, state_, machine_, passes_);
    difference_ = probe_->difference();
    folded_ = difference_ <= FoldingProbe::kTolerance;
    probed_version_ = state_.version();
  }
  std::unique_ptr<Executor>& plan = folded_ ? folded_plan_ : plain_plan_;
  if (!plan)
    plan = std::make_unique<Executor>(
        compile_inference(graph_, {kSlice, machine_, with_folding(passes_, folded_)}), state_);
  return *plan;
}

Evaluation Evaluator::Impl::evaluate(const Dataset& data) {
  const Shape image = graph_.node(graph_.find("images")).outputs[0].shape;
  if (data.size() == 0) throw InvalidArgument("evaluate", "expected at least one image, got none");
  if (Shape{kBatch, data.image_shape()[0], data.image_shape()[1], data.image_shape()[2]} != image)
    throw InvalidArgument("evaluate", "expected images " + to_string(image) + ", got " +
                                          to_string(data.image_shape()) + " each");
  Executor& executor = ready();
  const bool f64 = graph_.type(graph_.find_output("losses")).dtype == DType::f64;
  const auto pixels = executor.input("images");
  const auto labels = executor.input_as<std::int32_t>("labels");
  Evaluation result;
  result.images = data.size();
  const auto bytes = static_cast<std::size_t>(data.image_bytes());
  for (std::int64_t begin = 0; begin < data.size(); begin += kSlice) {
    const auto count = static_cast<std::size_t>(std::min(kSlice, data.size() - begin));
    std::memset(pixels.data(), 0, pixels.size());
    std::memcpy(pixels.data(), data.images().data() + static_cast<std::size_t>(begin) * bytes,
                count * bytes);
    std::fill(labels.begin(), labels.end(), 0);
    std::copy_n(data.labels().begin() + begin, count, labels.begin());
    executor.run();
    const auto correct = executor.output_as<std::int32_t>("correct");
    for (std::size_t i = 0; i < count; ++i) {
      result.loss += f64 ? executor.output_as<double>("losses")[i]
                         : static_cast<double>(executor.output_as<float>("losses")[i]);
      result.correct += correct[i];
    }
  }
  result.loss /= static_cast<double>(result.images);
  result.accuracy = static_cast<double>(result.correct) / static_cast<double>(result.images);
  return result;
}

Evaluator::Evaluator(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
                     const PassOptions& passes)
    : impl_(std::make_unique<Impl>(network, loss, state, machine, passes)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

Evaluation Evaluator::evaluate(const Dataset& data) { return impl_->evaluate(data); }
const Plan& Evaluator::plan() const { return impl_->ready().plan(); }
bool Evaluator::folded() const { return impl_->folded_; }
double Evaluator::probe_difference() const { return impl_->difference_; }

}  // namespace evenkeel
