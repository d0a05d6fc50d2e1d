#include "evenkeel/model/sequential.h"

#include <algorithm>
#include <array>
#include <map>

namespace evenkeel {
namespace {

// TensorFlow's "same": output = ceil(size / stride), what is odd goes behind.
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t size, std::int64_t window,
                                                   std::int64_t stride) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride + window - size);
  return {total / 2, total - total / 2};
}

Padding4 padding_of(Padding padding, const Shape& x, std::int64_t window, std::int64_t stride) {
  if (padding == Padding::valid) return {0, 0, 0, 0};
  const auto [top, bottom] = same_padding(x[1], window, stride);
  const auto [left, right] = same_padding(x[2], window, stride);
  return {top, bottom, left, right};
}

// Names of what is beside the layers in a training or inference graph.
constexpr std::array<std::string_view, 10> kTaken = {"state",   "images",        "scale", "labels",
                                                     "step",    "learning_rate", "loss",  "losses",
                                                     "correct", "probabilities"};

void require(bool condition, const std::string& layer, const std::string& text) {
  if (!condition) throw InvalidArgument(layer, text);
}

}  // namespace

class Sequential::Builder {
 public:
  Builder(std::string name, const ImageInput& input) : graph_(std::move(name)) {
    require(input.height > 0 && input.width > 0 && input.channels > 0, "image",
            "expected a positive height, width and number of channels");
    at_ = graph_.add(
        Input{{DType::u8, Shape{kBatch, input.height, input.width, input.channels}, {}, 0}}, {},
        "images");
    at_ = graph_.add(Scale{input.factor, DType::f32}, {at_}, "scale");
  }

  std::string next_name(const std::string& given, const std::string& kind) {
    std::string name = given.empty() ? kind + std::to_string(++counts_[kind]) : given;
    require(names_.emplace(name, true).second, name, "expected a name that no other layer has");
    require(name.find('/') == std::string::npos, name, "expected a layer name without '/'");
    require(std::find(kTaken.begin(), kTaken.end(), name) == kTaken.end(), name,
            "expected another layer name: this one is taken by what training adds");
    return name;
  }

  Value state(const std::string& name, Shape shape, Initializer initializer,
              Role role = Role::parameter, DType dtype = DType::f32) {
    return graph_.add(State{{dtype, std::move(shape), {}, 0}, role, initializer, 0}, {}, name);
  }

  void require_rank(std::size_t rank, const std::string& layer, const std::string& needs) {
    require(shape().rank() == rank, layer, "expected " + needs + ", got " + to_string(shape()));
  }

  // The graph's own checks name the node; a person looks for the layer, which its name begins with.
  void add(Op op, const std::vector<Value>& others, const std::string& name) {
    std::vector<Value> inputs = {at_};
    inputs.insert(inputs.end(), others.begin(), others.end());
    at_ = graph_.add(std::move(op), std::move(inputs), name);
  }

  void finish_layer(const std::string& layer, std::int64_t channels, bool bias,
                    Activation activation) {
    if (bias)
      add(BiasAdd{}, {state(layer + "/bias", Shape{channels}, Initializer::zeros)},
          layer + "/bias_add");
    if (activation == Activation::relu) add(Relu{}, {}, layer + "/relu");
  }

  const Shape& shape() const { return graph_.type(at_).shape; }
  Graph finish() const {
    Graph result = graph_;
    result.output("logits", at_);
    return result;
  }

 private:
  Graph graph_;
  Value at_;
  std::map<std::string, int> counts_;
  std::map<std::string, bool> names_;
};

Sequential::Sequential(std::string name, const ImageInput& input)
    : builder_(std::make_unique<Builder>(std::move(name), input)) {}
Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;

Sequential& Sequential::conv2d(std::int64_t filters, std::int64_t kernel,
                               const Conv2dOptions& options) {
  Builder& b = *builder_;
  const std::string layer = b.next_name(options.name, "conv");
  b.require_rank(4, layer, "images [N,H,W,C] (a convolution goes before flatten)");
  require(filters > 0 && kernel > 0 && options.stride > 0, layer,
          "expected positive filters, kernel and stride");
  const Padding4 padding = padding_of(options.padding, b.shape(), kernel, options.stride);
  const Value weights = b.state(layer + "/kernel", Shape{kernel, kernel, b.shape()[3], filters},
                                Initializer::glorot_uniform);
  b.add(Conv2d{{options.stride, options.stride}, padding}, {weights}, layer + "/conv2d");
  b.finish_layer(layer, filters, options.bias, options.activation);
  return *this;
}

Sequential& Sequential::max_pool2d(std::int64_t window, const MaxPool2dOptions& options) {
  Builder& b = *builder_;
  const std::string layer = b.next_name(options.name, "pool");
  b.require_rank(4, layer, "images [N,H,W,C] (pooling goes before flatten)");
  const std::int64_t stride = options.stride == 0 ? window : options.stride;
  require(window > 0 && stride > 0, layer, "expected a positive window and stride");
  const Padding4 padding = padding_of(options.padding, b.shape(), window, stride);
  b.add(MaxPool2d{{window, window}, {stride, stride}, padding}, {}, layer);
  return *this;
}

Sequential& Sequential::flatten() {
  Builder& b = *builder_;
  const std::string layer = b.next_name("", "flatten");
  b.add(Reshape{Shape{kBatch, b.shape().elements_per_sample()}}, {}, layer);
  return *this;
}

Sequential& Sequential::batch_norm(const BatchNormOptions& options) {
  Builder& b = *builder_;
  const std::string layer = b.next_name(options.name, "bn");
  const Shape channels{b.shape().back()};
  const Value gamma = b.state(layer + "/gamma", channels, Initializer::ones);
  const Value beta = b.state(layer + "/beta", channels, Initializer::zeros);
  const Value mean = b.state(layer + "/moving_mean", channels, Initializer::zeros, Role::statistic);
  const Value variance =
      b.state(layer + "/moving_variance", channels, Initializer::ones, Role::statistic);
  const Value seen = b.state("state/" + layer + "/updates_seen", Shape{}, Initializer::zeros,
                             Role::statistic, DType::i64);
  b.add(BatchNorm{options.epsilon, options.decay.kept(), options.count_weighted, options.variance},
        {gamma, beta, mean, variance, seen}, layer);
  return *this;
}

Sequential& Sequential::dense(std::int64_t units, const DenseOptions& options) {
  Builder& b = *builder_;
  const std::string layer = b.next_name(options.name, "dense");
  b.require_rank(2, layer, "[N, features] (call flatten() before dense())");
  require(units > 0, layer, "expected a positive number of units");
  const Value weights =
      b.state(layer + "/kernel", Shape{b.shape()[1], units}, Initializer::glorot_uniform);
  b.add(MatMul{}, {weights}, layer + "/matmul");
  b.finish_layer(layer, units, options.bias, options.activation);
  return *this;
}

Sequential& Sequential::relu() {
  builder_->add(Relu{}, {}, builder_->next_name("", "relu"));
  return *this;
}

Model Sequential::build() const {
  builder_->require_rank(2, "build", "a last layer that gives [N, classes]");
  return Model(builder_->finish());
}

}  // namespace evenkeel
