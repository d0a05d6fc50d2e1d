// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_graph.h"

#include <algorithm>
#include <string>
#include <vector>

#include "evenkeel/base/random.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/verify.h"

namespace evenkeel::test {
namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed)
      : random_(seed, Purpose::test, 0), graph_("random-" + std::to_string(seed)) {}

  Graph make() {
    images();
    for (std::int64_t count = between(0, 3); count > 0; --count) image_layer();
    flatten();
    for (std::int64_t count = between(0, 2); count > 0; --count) vector_layer();
    const Value logits = dense(between(2, 5));
    graph_.output("logits", logits);
    verify(graph_, Level::model);
    return graph_;
  }

 private:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(
                       random_.below(drawn_++, static_cast<std::uint64_t>(most - least + 1)));
  }
  bool one_in(std::int64_t count) { return between(1, count) == 1; }
  const Shape& shape() const { return graph_.type(x_).shape; }
  std::string layer(const char* kind) { return kind + std::to_string(++layers_); }

  void images() {
    const bool pixels = one_in(2);
    x_ = ops::input(graph_, "images", pixels ? DType::u8 : DType::f32,
                    {kBatch, between(3, 9), between(3, 9), between(1, 3)});
    if (pixels) x_ = ops::scale(graph_, x_, 1 / 255.0);
  }

  void image_layer() {
    switch (between(0, 7)) {
      case 0:
      case 1:
        return convolution();
      case 2:
        return pooling();
      case 3:
        return residual();
      case 4:
        return average_pooling();
      case 5:
        return side_by_side();
      case 6:
        return turned();
      default:
        return anywhere();
    }
  }

  void activation(const std::string& layer) {
    switch (between(0, 5)) {
      case 0:
        x_ = ops::leaky_relu(graph_, x_, 0.1, layer + "/leaky_relu");
        return;
      case 1:
        x_ = ops::sigmoid(graph_, x_, layer + "/sigmoid");
        return;
      case 2:
        x_ = ops::tanh(graph_, x_, layer + "/tanh");
        return;
      default:
        x_ = ops::relu(graph_, x_, layer + "/relu");
    }
  }

  void vector_layer() {
    if (one_in(3)) return anywhere();
    x_ = dense(between(1, 7));
    if (one_in(3)) x_ = ops::batch_norm(graph_, x_, batch_norm(), layer("bn"));
    if (one_in(2)) activation(last_);
  }

  // Padding of each side by itself, and a window that fits.
  Padding4 padding(Pair window) {
    return {between(0, window[0] - 1), between(0, window[0] - 1), between(0, window[1] - 1),
            between(0, window[1] - 1)};
  }
  Pair window() {
    return {between(1, std::min<std::int64_t>(3, shape()[1])),
            between(1, std::min<std::int64_t>(3, shape()[2]))};
  }

  void bias(std::int64_t K) {
    const Value b = ops::parameter(graph_, last_ + "/bias", {K}, Initializer::zeros);
    x_ = ops::bias_add(graph_, x_, b, last_ + "/bias_add");
  }

  // Now and then depthwise, or with its taps two apart.
  void convolution() {
    last_ = layer("conv");
    const Pair size = window();
    const std::int64_t C = shape()[3];
    Conv2d attributes = {{between(1, 2), between(1, 2)}, padding(size)};
    if (one_in(3)) attributes.groups = C;
    for (std::size_t axis = 0; axis < 2; ++axis)
      if (one_in(3) && 2 * size[axis] - 1 <= shape()[axis + 1]) attributes.dilation[axis] = 2;
    const std::int64_t K = attributes.groups == 1 ? between(1, 5) : C * between(1, 2);
    const Value kernel =
        ops::parameter(graph_, last_ + "/kernel", {size[0], size[1], C / attributes.groups, K},
                       Initializer::glorot_uniform);
    x_ = ops::conv2d(graph_, x_, kernel, attributes, last_);
    if (!one_in(4)) bias(K);
    if (!one_in(4)) activation(last_);
  }

  void average_pooling() {
    const Pair size = one_in(4) ? Pair{shape()[1], shape()[2]} : window();
    AvgPool2d pool = {size, {between(1, 2), between(1, 2)}, {}};
    if (one_in(3)) pool.padding = {size[0] - 1, 0, 0, size[1] - 1};
    pool.count_padding = one_in(2);
    x_ = ops::avg_pool2d(graph_, x_, pool, layer("mean"));
  }

  // x and a convolution of it, one behind the other along the channels or the rows.
  void side_by_side() {
    const Value before = x_;
    last_ = layer("branch");
    const std::int64_t C = shape()[3];
    const bool channels = !one_in(3);
    const Value kernel =
        ops::parameter(graph_, last_ + "/kernel", {1, 1, C, channels ? between(1, 3) : C},
                       Initializer::glorot_uniform);
    x_ = ops::conv2d(graph_, x_, kernel, {}, last_);
    if (one_in(2)) activation(last_);
    x_ = ops::concat(graph_, {before, x_}, channels ? -1 : 1, last_ + "/concat");
  }

  void pooling() {
    const Pair size = window();
    MaxPool2d pool = {size, {between(1, 2), between(1, 2)}, {}};
    if (one_in(3)) pool.padding = {size[0] - 1, 0, 0, size[1] - 1};
    x_ = ops::max_pool2d(graph_, x_, pool, layer("pool"));
  }

  // x + f(x), f keeping the shape.
  void residual() {
    const Value before = x_;
    last_ = layer("residual");
    const std::int64_t C = shape()[3];
    const Value kernel =
        ops::parameter(graph_, last_ + "/kernel", {3, 3, C, C}, Initializer::glorot_uniform);
    x_ = ops::conv2d(graph_, x_, kernel, {{1, 1}, {1, 1, 1, 1}}, last_);
    if (one_in(2)) bias(C);
    if (one_in(2)) x_ = ops::batch_norm(graph_, x_, batch_norm(), layer("bn"));
    x_ = ops::add(graph_, before, x_, last_ + "/add");
    x_ = ops::relu(graph_, x_, last_ + "/relu");
  }

  BatchNorm batch_norm() {
    BatchNorm attributes;
    attributes.count_weighted = one_in(2);
    attributes.variance = one_in(2) ? MovingVariance::population : MovingVariance::sample;
    if (one_in(3)) {
      RenormRule renorm;
      if (one_in(2)) renorm.moves = RenormMoves::deviation;
      attributes.batch = renorm;
    }
    return attributes;
  }

  // Batch norm of the rows, or a turn and back around a ReLU.
  void turned() {
    const std::vector<std::int64_t> there = {0, 2, 3, 1};
    x_ = ops::transpose(graph_, x_, there, layer("there"));
    if (one_in(2))
      x_ = ops::batch_norm(graph_, x_, batch_norm(), layer("bn"));
    else
      x_ = ops::relu(graph_, x_, layer("relu"));
    x_ = ops::transpose(graph_, x_, inverse_axes(there), layer("back"));
  }

  // Layers for any shape, most of them there to be simplified.
  void anywhere() {
    const Value before = x_;
    switch (between(0, 10)) {
      case 0:
      case 1:
        x_ = ops::batch_norm(graph_, x_, batch_norm(), layer("bn"));
        return;
      case 2:
        x_ = ops::reshape(graph_, x_, shape(), layer("same"));
        return;
      case 3:
        x_ = ops::scale(graph_, x_, one_in(2) ? 1 : 0.5, DType::f32, layer("scale"));
        return;
      case 4:
        ops::relu(graph_, x_, layer("unread"));
        return;
      case 5:
      case 6:
        x_ = ops::dropout(graph_, x_, 0.25, layer("dropout"));
        return;
      case 7: {
        const Value gate = ops::sigmoid(graph_, x_, layer("gate"));
        x_ = ops::multiply(graph_, x_, gate, layer("gated"));
        return;
      }
      case 8:
      case 9:
        return each_sample();
      default: {
        const Value twin = ops::relu(graph_, before, layer("twin"));
        x_ = ops::add(graph_, twin, ops::relu(graph_, before, layer("twin")), layer("sum"));
      }
    }
  }

  // Layer norm, or group norm with any groups that divide the channels.
  void each_sample() {
    const std::int64_t C = shape().back();
    last_ = layer("norm");
    const auto gamma = ops::parameter(graph_, last_ + "/gamma", {C}, Initializer::ones);
    const auto beta = ops::parameter(graph_, last_ + "/beta", {C}, Initializer::zeros);
    if (C > 1 && one_in(2)) {
      x_ = ops::layer_norm(graph_, x_, gamma, beta, {1e-3}, last_);
      return;
    }
    std::int64_t groups = between(1, C);
    while (C % groups != 0) --groups;
    if (shape().elements_per_sample() > groups)
      x_ = ops::group_norm(graph_, x_, gamma, beta, {groups, 1e-3}, last_);
  }

  void flatten() {
    x_ = ops::reshape(graph_, x_, {kBatch, shape().elements_per_sample()}, "flatten");
  }

  Value dense(std::int64_t K) {
    last_ = layer("dense");
    const Value kernel =
        ops::parameter(graph_, last_ + "/kernel", {shape()[1], K}, Initializer::glorot_uniform);
    x_ = ops::matmul(graph_, x_, kernel, {}, last_);
    bias(K);
    return x_;
  }

  Random random_;
  std::uint64_t drawn_ = 0;
  int layers_ = 0;
  Graph graph_;
  Value x_;
  std::string last_;
};

std::vector<Value> parameters(const Graph& graph) {
  std::vector<Value> result;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const auto* state = std::get_if<State>(&graph.node(id).op);
    if (state != nullptr && trained(state->role)) result.push_back({id, 0});
  }
  return result;
}

// An update rule with as many slots as it has; the one named "v" is never negative.
struct Rule {
  Op op;
  std::vector<std::string> slots;
};

Rule rule_of(std::uint64_t seed) {
  const std::vector<Rule> rules = {
      {AdamUpdate{}, {"m", "v"}},
      {SgdUpdate{}, {}},
      {AdamUpdate{0.9, 0.999, 1e-8, AdamForm::pytorch, 0.1, 0.1}, {"m", "v"}},
      {SgdUpdate{0.9, true, 0.1}, {"velocity"}},
      {RmspropUpdate{0.9, 1e-3}, {"v"}},
      {RmspropUpdate{0.9, 1e-3, 0.5, 0.1}, {"v", "velocity"}},
      {AdagradUpdate{1e-3, 0.1}, {"v"}}};
  return rules[seed % rules.size()];
}

// The gradients times the factor that keeps their norm together at `largest`.
std::vector<Value> clipped(Graph& graph, std::vector<Value> slopes, double largest) {
  Value sum = graph.add(SquaredNorm{}, {slopes[0]}, "norm");
  for (std::size_t index = 1; index < slopes.size(); ++index)
    sum = ops::add(graph, sum, graph.add(SquaredNorm{}, {slopes[index]}, "norm"), "norm/sum");
  const Value factor = graph.add(ClipFactor{largest, DType::f32}, {sum}, "norm/factor");
  for (Value& slope : slopes) slope = ops::scale_axis(graph, slope, factor, -1, "clipped");
  return slopes;
}

void update(Graph& graph, const Rule& rule, Value parameter, Value gradient, Value rate,
            Value step) {
  const std::string name = graph.node(parameter).name;
  std::vector<Value> inputs = {parameter};
  for (const std::string& slot : rule.slots)
    inputs.push_back(
        ops::state(graph, "state/" + slot + "/" + name, {graph.type(parameter), Role::slot}));
  const std::vector<Value> states = inputs;
  inputs.insert(inputs.end(), {gradient, rate});
  if (std::holds_alternative<AdamUpdate>(rule.op)) inputs.push_back(step);
  const NodeId node = graph.add(rule.op, inputs, name + "/update").node;
  std::uint32_t output = 0;
  for (const Value state : states) graph.update(state, {node, output++});
  graph.check_after({node, output});
}

}  // namespace

Graph random_model(std::uint64_t seed) { return Maker(seed).make(); }

Graph random_step(std::uint64_t seed) {
  Graph graph = to_training(random_model(seed));
  const Value labels = ops::input(graph, "labels", DType::i32, {kBatch});
  const Value rate = ops::input(graph, "learning_rate", DType::f64, {});
  // Dropout has brought it along where there is any.
  const Value step = graph.contains("step") ? Value{graph.find("step"), 0}
                                            : ops::input(graph, "step", DType::i64, {});
  const auto [losses, correct] =
      ops::softmax_cross_entropy(graph, graph.find_output("logits"), labels, "cross_entropy");
  const Value loss = ops::mean(graph, losses, "loss");
  const std::vector<Value> trained = parameters(graph);
  std::vector<Value> slopes = gradients(graph, loss, trained);
  if (seed % 4 == 0) slopes = clipped(graph, slopes, 0.1);
  for (std::size_t index = 0; index < trained.size(); ++index)
    update(graph, rule_of(seed), trained[index], slopes[index], rate, step);
  graph.guard(loss);
  graph.output("loss", loss);
  graph.output("correct", correct);
  verify(graph, Level::training);
  return graph;
}

}  // namespace evenkeel::test
