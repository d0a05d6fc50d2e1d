#include "evenkeel/train/predictor.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/folding.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kSlice = 128;

// The network's own outputs and the probabilities, without labels.
Graph predicting(const Graph& network) {
  Graph graph = network;
  graph.output("probabilities",
               graph.add(Softmax{}, {graph.find_output("logits")}, "probabilities"));
  return graph;
}

}  // namespace

class Predictor::Impl {
 public:
  Impl(Model model, const std::function<Tensor(const std::string&)>& tensor,
       const PredictorOptions& options)
      : model_(std::move(model)), graph_(predicting(model_.graph())), options_(options) {
    if (options.threads < 1)
      throw InvalidArgument("threads",
                            "expected at least 1, got " + std::to_string(options.threads));
    StateStore state(model_.graph(), 0);
    for (const StateStore::Entry& entry : state.entries()) {
      Tensor value = tensor(entry.name);
      if (value.dtype == DType::f64 && entry.type.dtype == DType::f32) value = narrowed(value);
      state.set(entry.name, value);
    }
    state_ = std::make_unique<StateStore>(std::move(state));
    require_trained_statistics(model_.graph(), *state_);
    const Machine machine{options_.threads, {}};
    const double difference = FoldingProbe(graph_, *state_, machine, {}).difference();
    passes_ = with_folding({}, difference <= FoldingProbe::kTolerance);
  }

  void run(std::span<const std::uint8_t> images, std::span<float> result) const;

  Model model_;

 private:
  static Tensor narrowed(const Tensor& from) {
    const auto values = from.values<double>();
    return Tensor::of<float>(from.shape, std::vector<float>(values.begin(), values.end()));
  }

  // An executor that nobody else uses: each serves one thread at a time and goes back to the pool.
  std::unique_ptr<Executor> borrow(std::int64_t batch) const {
    std::shared_ptr<const Plan> plan;
    {
      const std::lock_guard lock(mutex_);
      auto& pool = pools_[batch];
      if (!pool.idle.empty()) {
        auto executor = std::move(pool.idle.back());
        pool.idle.pop_back();
        return executor;
      }
      if (!pool.plan)
        pool.plan = compile_inference(graph_, {batch, {options_.threads, {}}, passes_});
      plan = pool.plan;
    }
    return std::make_unique<Executor>(std::move(plan), *state_);
  }
  void give_back(std::int64_t batch, std::unique_ptr<Executor> executor) const {
    const std::lock_guard lock(mutex_);
    pools_[batch].idle.push_back(std::move(executor));
  }

  struct Pool {
    std::shared_ptr<const Plan> plan;
    std::vector<std::unique_ptr<Executor>> idle;
  };

  Graph graph_;
  PredictorOptions options_;
  PassOptions passes_;
  std::unique_ptr<StateStore> state_;
  mutable std::mutex mutex_;
  mutable std::map<std::int64_t, Pool> pools_;
};

void Predictor::Impl::run(std::span<const std::uint8_t> images, std::span<float> result) const {
  const auto image = static_cast<std::size_t>(model_.image_shape().elements());
  const auto classes = static_cast<std::size_t>(model_.classes());
  if (images.empty() || images.size() % image != 0)
    throw InvalidArgument(model_.name(), "expected a whole number of images of " +
                                             to_string(model_.image_shape()) + " bytes, got " +
                                             std::to_string(images.size()) + " bytes");
  const std::size_t count = images.size() / image;
  if (result.size() != count * classes)
    throw InvalidArgument(model_.name(), "expected room for " + std::to_string(count * classes) +
                                             " probabilities, got " +
                                             std::to_string(result.size()));
  // Two sizes of plan are enough: one image, and slices of which the last is padded.
  const std::int64_t batch = count == 1 ? 1 : kSlice;
  auto executor = borrow(batch);
  const auto pixels = executor->input("images");
  for (std::size_t begin = 0; begin < count; begin += static_cast<std::size_t>(batch)) {
    const std::size_t n = std::min(static_cast<std::size_t>(batch), count - begin);
    std::memset(pixels.data() + n * image, 0, pixels.size() - n * image);
    std::memcpy(pixels.data(), images.data() + begin * image, n * image);
    executor->run();
    std::memcpy(result.data() + begin * classes, executor->output("probabilities").data(),
                n * classes * sizeof(float));
  }
  give_back(batch, std::move(executor));
}

Predictor::Predictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor::Predictor(const Trainer& trainer, const PredictorOptions& options)
    : impl_(std::make_unique<Impl>(
          trainer.model(), [&](const std::string& name) { return trainer.state(name); }, options)) {
}

Predictor Predictor::load(const std::filesystem::path& path, const PredictorOptions& options) {
  const Checkpoint checkpoint = Checkpoint::read(path);
  const auto tensor = [&](const std::string& name) {
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end())
      throw DataError(path.string(), "lacks tensor '" + name + "' of its own network");
    return found->second;
  };
  return Predictor(std::make_unique<Impl>(checkpoint.model(path), tensor, options));
}

void Predictor::probabilities(std::span<const std::uint8_t> images, std::span<float> result) const {
  impl_->run(images, result);
}

std::int64_t Predictor::classify(std::span<const std::uint8_t> image) const {
  std::vector<float> result(static_cast<std::size_t>(impl_->model_.classes()));
  impl_->run(image, result);
  return std::max_element(result.begin(), result.end()) - result.begin();
}

const Model& Predictor::model() const { return impl_->model_; }

}  // namespace evenkeel
