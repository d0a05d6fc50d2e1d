// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/predictor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/folding.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kFewImages = 96;  // more take less time in large slices, padding included
constexpr std::int64_t kSmallSlice = 16;
constexpr std::int64_t kLargeSlice = 128;
constexpr std::int64_t kLargestPrediction = 65536;

// The same network for pixels that are floats. InvalidArgument where an op takes bytes alone.
Graph taking_floats(const Graph& graph) {
  const NodeId images = graph.find("images");
  try {
    return rewrite(
        graph, [&](Graph& to, const Graph& from, NodeId node, const std::vector<Value>& inputs) {
          if (node != images) return keep(to, from, node, inputs);
          Input input = std::get<Input>(from.node(node).op);
          input.type.dtype = DType::f32;
          return keep_as(input, to, from, node, inputs);
        });
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(graph.name(), std::string("takes pixels as bytes only: ") + error.what());
  }
}

// What a run in f64 saved is rounded to f32.
Tensor in_dtype_of(const StateStore::Entry& entry, Tensor tensor) {
  if (tensor.dtype != DType::f64 || entry.type.dtype != DType::f32) return tensor;
  const auto values = std::as_const(tensor).values<double>();
  return Tensor::of<float>(tensor.shape, std::vector<float>(values.begin(), values.end()));
}

// A tensor of a checkpoint. DataError where it is missing or cannot be that state of the network.
Tensor restored(const Checkpoint& checkpoint, const StateStore::Entry& entry,
                const std::string& where) {
  const auto found = checkpoint.tensors.find(entry.name);
  if (found == checkpoint.tensors.end())
    throw DataError(where, "lacks tensor '" + entry.name + "' of its own network");
  Tensor tensor = in_dtype_of(entry, found->second);
  if (tensor.dtype != entry.type.dtype || tensor.shape != entry.type.shape)
    throw DataError(where, "tensor '" + entry.name + "' is " +
                               std::string(to_string(tensor.dtype)) + to_string(tensor.shape) +
                               ", expected " + to_string(entry.type));
  if (const std::string fault = statistic_fault(checkpoint.network, entry.name, tensor);
      !fault.empty())
    throw DataError(where, "tensor '" + entry.name + "': " + fault);
  return tensor;
}

void require_finite(std::span<const float> pixels, std::size_t image, std::int64_t first,
                    const std::string& where) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (std::isfinite(pixels[i])) continue;
    const std::int64_t index = first + static_cast<std::int64_t>(i / image);
    throw InvalidArgument(where, "expected finite pixel values, image " + std::to_string(index) +
                                     " of the call has " + std::to_string(pixels[i]));
  }
}

}  // namespace

class Predictor::Impl {
 public:
  using Saved = std::function<Tensor(const StateStore::Entry&)>;
  Impl(Model model, Loss loss, const Saved& saved, const PredictorOptions& options);

  // What is made of the outputs of one slice: images [first, first + count) of the call.
  using Take = std::function<void(const Executor&, std::int64_t first, std::int64_t count)>;
  std::int64_t count(const ImageView& images) const {
    return filled_layout(images, shape_, model_.name()).count;
  }
  void run(const ImageView& images, const Take& take) const;
  void copy_rows(const char* output, const ImageView& images, std::span<float> result,
                 std::int64_t row_stride) const;
  template <typename T>
  void best(const ImageView& images, std::span<T> result) const;

  Model model_;

 private:
  std::int64_t slice_for(std::int64_t count) const {
    if (options_.slice > 0) return options_.slice;
    if (count == 1) return 1;
    return count <= kFewImages ? kSmallSlice : kLargeSlice;
  }

  // An executor that nobody else uses: each serves one thread at a time and goes back to the pool,
  // unless an error ended its call.
  using PlanKey = std::pair<DType, std::int64_t>;
  std::unique_ptr<Executor> borrow(const PlanKey& key) const;
  void give_back(const PlanKey& key, std::unique_ptr<Executor> executor) const {
    const std::lock_guard lock(mutex_);
    pools_[key].idle.push_back(std::move(executor));
  }
  void require_finite_logits(const Executor& executor, std::int64_t first,
                             std::int64_t count) const;

  struct Pool {
    std::shared_ptr<const Plan> plan;
    std::vector<std::unique_ptr<Executor>> idle;
  };

  Shape shape_;  // [H,W,C]
  Graph graph_;
  PredictorOptions options_;
  Machine machine_;
  PassOptions passes_;
  std::unique_ptr<StateStore> state_;  // read only, once made
  mutable std::mutex mutex_;           // for pools_
  mutable std::map<PlanKey, Pool> pools_;
};

Predictor::Impl::Impl(Model model, Loss loss, const Saved& saved, const PredictorOptions& options)
    : model_(std::move(model)),
      shape_(model_.image_shape()),
      graph_(add_prediction(model_.graph(), loss)),
      options_(options) {
  if (options.threads < 1)
    throw InvalidArgument("threads", "expected at least 1, got " + std::to_string(options.threads));
  if (options.slice < 0 || options.slice > kLargestPrediction)
    throw InvalidArgument("slice", "expected 0 to " + std::to_string(kLargestPrediction) +
                                       " images, got " + std::to_string(options.slice));
  StateStore state(model_.graph());
  for (const StateStore::Entry& entry : state.entries())
    state.set(entry.name, in_dtype_of(entry, saved(entry)));
  state_ = std::make_unique<StateStore>(std::move(state));
  require_trained_statistics(model_.graph(), *state_);
  machine_ = {options_.threads, usable_kernels(options_.kernels)};
  const double difference = FoldingProbe(graph_, *state_, machine_, {}).difference();
  passes_ = with_folding({.math = options_.math, .weights = options_.weights},
                         difference <= FoldingProbe::kTolerance);
}

std::unique_ptr<Executor> Predictor::Impl::borrow(const PlanKey& key) const {
  std::shared_ptr<const Plan> plan;
  {
    const std::lock_guard lock(mutex_);
    Pool& pool = pools_[key];
    if (!pool.idle.empty()) {
      auto executor = std::move(pool.idle.back());
      pool.idle.pop_back();
      return executor;
    }
    const auto& [dtype, batch] = key;
    if (!pool.plan)
      pool.plan = compile_inference(dtype == DType::f32 ? taking_floats(graph_) : graph_,
                                    {batch, machine_, passes_});
    plan = pool.plan;
  }
  return std::make_unique<Executor>(std::move(plan), *state_);
}

void Predictor::Impl::require_finite_logits(const Executor& executor, std::int64_t first,
                                            std::int64_t count) const {
  const std::int64_t classes = model_.classes();
  const auto logits = executor.output_as<float>("logits");
  for (std::int64_t i = 0; i < count * classes; ++i) {
    const float logit = logits[static_cast<std::size_t>(i)];
    if (!std::isfinite(logit))
      throw RuntimeFailure(model_.name(), "expected finite logits, image " +
                                              std::to_string(first + i / classes) +
                                              " of the call gives " + std::to_string(logit) +
                                              "; a weight or a pixel is far too large");
  }
}

void Predictor::Impl::run(const ImageView& images, const Take& take) const {
  const ImageLayout layout = filled_layout(images, shape_, model_.name());
  const PlanKey key{images.dtype(), slice_for(layout.count)};
  const std::int64_t slice = key.second;
  auto executor = borrow(key);
  const auto pixels = executor->input("images");
  const auto image = static_cast<std::size_t>(shape_.elements());
  for (std::int64_t first = 0; first < layout.count; first += slice) {
    const std::int64_t n = std::min(slice, layout.count - first);
    copy_images(images, layout, shape_, first, n, pixels.data());
    const std::size_t used = static_cast<std::size_t>(n) * image;
    if (images.dtype() == DType::f32)
      require_finite(executor->input_as<float>("images").first(used), image, first, model_.name());
    const std::size_t filled = used * size_of(images.dtype());
    std::memset(pixels.data() + filled, 0, pixels.size() - filled);
    executor->run();
    require_finite_logits(*executor, first, n);
    take(*executor, first, n);
  }
  give_back(key, std::move(executor));
}

void Predictor::Impl::copy_rows(const char* output, const ImageView& images,
                                std::span<float> result, std::int64_t row_stride) const {
  const std::int64_t classes = model_.classes();
  const std::int64_t rows = count(images);
  const std::int64_t stride = row_stride == 0 ? classes : row_stride;
  if (stride < classes)
    throw InvalidArgument(model_.name(), "expected a row_stride of 0 or at least " +
                                             std::to_string(classes) + ", got " +
                                             std::to_string(row_stride));
  // Without overflow: rows - 1 strides and one row must fit.
  const auto room = static_cast<std::int64_t>(result.size());
  const bool fits = row_stride == 0 ? room == rows * classes
                                    : room >= classes && (room - classes) / stride >= rows - 1;
  if (!fits)
    throw InvalidArgument(model_.name(), "expected room for " + std::to_string(rows) + " rows of " +
                                             std::to_string(classes) + " results, " +
                                             std::to_string(stride) + " apart, got " +
                                             std::to_string(room) + " values");
  run(images, [&](const Executor& executor, std::int64_t first, std::int64_t n) {
    const auto values = executor.output_as<float>(output);
    for (std::int64_t i = 0; i < n; ++i)
      std::copy_n(values.begin() + i * classes, classes, result.begin() + (first + i) * stride);
  });
}

template <typename T>
void Predictor::Impl::best(const ImageView& images, std::span<T> result) const {
  const std::int64_t classes = model_.classes();
  const std::int64_t rows = count(images);
  if (static_cast<std::int64_t>(result.size()) != rows)
    throw InvalidArgument(model_.name(), "expected room for " + std::to_string(rows) +
                                             " classes, got " + std::to_string(result.size()));
  run(images, [&](const Executor& executor, std::int64_t first, std::int64_t n) {
    // One output says yes or no.
    const bool binary = classes == 1;
    const auto values = executor.output_as<float>(binary ? "probabilities" : "logits");
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = values.begin() + i * classes;
      const auto best =
          binary ? std::ptrdiff_t{row[0] > 0.5F} : std::max_element(row, row + classes) - row;
      result[static_cast<std::size_t>(first + i)] = static_cast<T>(best);
    }
  });
}

Predictor::Predictor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor::Predictor(const Trainer& trainer, const PredictorOptions& options)
    : impl_(std::make_unique<Impl>(
          trainer.model(), trainer.loss(),
          [&](const StateStore::Entry& entry) { return trainer.predicting_state(entry.name); },
          options)) {}

Predictor Predictor::load(const std::filesystem::path& path, const PredictorOptions& options) {
  const Checkpoint checkpoint = Checkpoint::read(path);
  const auto saved = [&](const StateStore::Entry& entry) {
    return restored(checkpoint, entry, path.string());
  };
  return Predictor(
      std::make_unique<Impl>(checkpoint.model(path), checkpoint.settings.loss, saved, options));
}

void Predictor::probabilities(const ImageView& images, std::span<float> result,
                              std::int64_t row_stride) const {
  impl_->copy_rows("probabilities", images, result, row_stride);
}

void Predictor::logits(const ImageView& images, std::span<float> result,
                       std::int64_t row_stride) const {
  impl_->copy_rows("logits", images, result, row_stride);
}

void Predictor::classes(const ImageView& images, std::span<std::uint8_t> result) const {
  if (model().classes() > 256)
    throw InvalidArgument(model().name(),
                          "expected a network of at most 256 classes for bytes, it "
                          "has " +
                              std::to_string(model().classes()) + "; take a span of int64");
  impl_->best(images, result);
}

void Predictor::classes(const ImageView& images, std::span<std::int64_t> result) const {
  impl_->best(images, result);
}

std::int64_t Predictor::classify(const ImageView& image) const {
  std::int64_t result = 0;
  impl_->best(image, std::span(&result, 1));
  return result;
}

const Model& Predictor::model() const { return impl_->model_; }

}  // namespace evenkeel
