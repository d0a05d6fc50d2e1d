#include "evenkeel/train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "evenkeel/base/random.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kSlice = 128;
constexpr std::int64_t kProbes = 16;
constexpr double kFoldTolerance = 1e-5;

// Random images, the same every time.
void fill_probes(std::span<std::byte> images) {
  const Random random(1, Purpose::test, 0);
  for (std::size_t i = 0; i < images.size(); ++i)
    images[i] = static_cast<std::byte>(random.bits(i) & 0xFF);
}

// max |a - b| / max |b|; infinite where either is not finite.
template <typename T>
double relative_difference(std::span<const T> a, std::span<const T> b) {
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return HUGE_VAL;
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

bool has_batch_norm(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return std::holds_alternative<BatchNorm>(node.op); });
}

}  // namespace

void require_trained_statistics(const Graph& network, const StateStore& state) {
  for (const Node& node : network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    const Tensor seen = state.get(network.node(node.inputs[5]).name);
    if (seen.values<std::int64_t>()[0] > 0) continue;
    throw UntrainedStatistics(
        node.name,
        "predicting needs moving statistics that training has updated, got updates_seen 0: the "
        "layer would normalise with mean 0 and variance 1; train at least one step, or load a "
        "trained checkpoint");
  }
}

class Evaluator::Impl {
 public:
  Impl(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
       const PassOptions& passes)
      : network_(network),
        graph_(add_evaluation(network, loss)),
        state_(state),
        machine_(machine),
        passes_(passes),
        normalised_(has_batch_norm(network)) {}

  Evaluation evaluate(const Dataset& data);
  Executor& ready();

  bool folded_ = true;
  double difference_ = 0;

 private:
  Executor compile(std::int64_t batch, bool fold) const {
    CompileOptions options{batch, machine_, passes_};
    if (!fold) options.passes.disabled.insert("fold_batch_norm");
    return Executor(compile_inference(graph_, options), state_);
  }
  double probe();

  const Graph& network_;
  Graph graph_;
  StateStore& state_;
  Machine machine_;
  PassOptions passes_;
  bool normalised_;
  std::uint64_t probed_version_ = 0;
  std::unique_ptr<Executor> folded_probe_;
  std::unique_ptr<Executor> plain_probe_;
  std::unique_ptr<Executor> folded_plan_;
  std::unique_ptr<Executor> plain_plan_;
};

// How far the logits are apart with and without folding.
double Evaluator::Impl::probe() {
  if (!folded_probe_) {
    folded_probe_ = std::make_unique<Executor>(compile(kProbes, true));
    plain_probe_ = std::make_unique<Executor>(compile(kProbes, false));
  }
  for (Executor* executor : {folded_probe_.get(), plain_probe_.get()}) {
    fill_probes(executor->input("images"));
    executor->run();
  }
  const bool f64 = graph_.type(graph_.find_output("logits")).dtype == DType::f64;
  if (f64)
    return relative_difference(folded_probe_->output_as<double>("logits"),
                               plain_probe_->output_as<double>("logits"));
  return relative_difference(folded_probe_->output_as<float>("logits"),
                             plain_probe_->output_as<float>("logits"));
}

// The executor for the state as it is now: probes folding anew where the state has changed.
Executor& Evaluator::Impl::ready() {
  require_trained_statistics(network_, state_);
  if (normalised_ && probed_version_ != state_.version() &&
      passes_.disabled.count("fold_batch_norm") == 0) {
    difference_ = probe();
    folded_ = difference_ <= kFoldTolerance;
    probed_version_ = state_.version();
  }
  std::unique_ptr<Executor>& plan = folded_ ? folded_plan_ : plain_plan_;
  if (!plan) plan = std::make_unique<Executor>(compile(kSlice, folded_));
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
