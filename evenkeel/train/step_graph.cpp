// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/step_graph.h"

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/train/update_graph.h"

namespace evenkeel {
namespace {

Value add_labels(Graph& graph, Labels labels) {
  const ValueType logits = graph.type(graph.find_output("logits"));
  const ValueType type =
      labels == Labels::targets ? logits : ValueType{DType::i32, {logits.shape[0]}};
  return graph.add(Input{type}, {}, "labels");
}

// Outputs: losses [N], correct [N], the gradient [N,K].
Value add_losses(Graph& graph, Loss loss, Value labels) {
  const std::vector<Value> inputs = {graph.find_output("logits"), labels};
  switch (loss) {
    case Loss::sigmoid_cross_entropy:
      return graph.add(SigmoidCrossEntropy{}, inputs, "loss/each");
    case Loss::mean_squared_error:
      return graph.add(MeanSquaredError{}, inputs, "loss/each");
    default:
      return graph.add(SoftmaxCrossEntropy{}, inputs, "loss/each");
  }
}

struct TrainingLoss {
  Value each;     // [N]
  Value correct;  // i32[N]
};

// Softened targets would not tell which class is right: a heavy one may be the largest of them.
TrainingLoss add_training_loss(Graph& graph, Loss loss, Labels labels) {
  const Value given = add_labels(graph, labels);
  if (labels != Labels::softened) {
    const Value losses = add_losses(graph, loss, given);
    return {losses, {losses.node, 1}};
  }
  const Value logits = graph.find_output("logits");
  const Value targets = graph.add(Input{graph.type(logits)}, {}, "labels/targets");
  return {add_losses(graph, loss, targets), graph.add(InTopK{1}, {logits, given}, "loss/right")};
}

Value add_probabilities(Graph& graph, Loss loss) {
  const Value logits = graph.find_output("logits");
  switch (loss) {
    case Loss::sigmoid_cross_entropy:
      return graph.add(Sigmoid{}, {logits}, "probabilities");
    case Loss::mean_squared_error:
      return logits;
    default:
      return graph.add(Softmax{}, {logits}, "probabilities");
  }
}

void require_logits(const Graph& graph, Loss loss) {
  const Node& last = graph.node(graph.find_output("logits"));
  const bool twice =
      (loss == Loss::softmax_cross_entropy && std::holds_alternative<Softmax>(last.op)) ||
      (loss == Loss::sigmoid_cross_entropy && std::holds_alternative<Sigmoid>(last.op));
  if (twice)
    throw InvalidArgument(std::string(layer_of(last.name)),
                          std::string(to_string(loss)) + " has a " + std::string(name_of(last.op)) +
                              " of its own and expected the layer before it as the last; drop this "
                              "one (predictions are probabilities all the same)");
}

// The gradients' sum over the step's parts so far, this one included.
std::vector<Value> accumulated(Graph& graph, const StepPart& part,
                               const std::vector<Value>& parameters, std::vector<Value> gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Node parameter = graph.node(parameters[i]);
    const std::string name = std::string(kAccumulated) + parameter.name;
    const Value before = graph.add(State{parameter.outputs[0], Role::slot}, {}, name);
    if (part.place != StepPart::Place::first)
      gradients[i] = graph.add(Add{}, {before, gradients[i]}, parameter.name + "/accumulated");
    if (!part.updates()) graph.update(before, gradients[i]);
  }
  return gradients;
}

// Of the loss's share in the mean over all parts, so that accumulating is adding.
std::vector<Value> part_gradients(Graph& graph, const StepPart& part, Value loss,
                                  const std::vector<Value>& parameters) {
  if (part.place == StepPart::Place::only) return gradients(graph, loss, parameters);
  const Scale by_parts{1.0 / static_cast<double>(part.parts), graph.type(loss).dtype};
  const Value share = graph.add(by_parts, {loss}, "loss/share");
  return accumulated(graph, part, parameters, gradients(graph, share, parameters));
}

}  // namespace

Graph add_training_step(const Graph& network, Loss loss, const Optimizer& optimizer, Labels labels,
                        const StepPart& part) {
  require_logits(network, loss);
  Graph graph = network;
  const std::vector<Value> parameters = trained_states(graph);
  const TrainingLoss losses = add_training_loss(graph, loss, labels);
  const Value mean = graph.add(Mean{}, {losses.each}, "loss");
  graph.guard(mean);
  graph.output("loss", mean);
  graph.output("correct", graph.add(Sum{}, {losses.correct}, "loss/correct"));
  const std::vector<Value> gradients = part_gradients(graph, part, mean, parameters);
  if (part.updates()) add_updates(graph, optimizer, parameters, gradients);
  return graph;
}

Graph add_evaluation(const Graph& network, Loss loss, Labels labels, std::int64_t top_k) {
  require_logits(network, loss);
  Graph graph = network;
  const Value given = add_labels(graph, labels);
  const Value losses = add_losses(graph, loss, given);
  graph.output("losses", losses);
  graph.output("correct", {losses.node, 1});
  graph.output("probabilities", add_probabilities(graph, loss));
  if (top_k > 0)
    graph.output("in_top_k",
                 graph.add(InTopK{top_k}, {graph.find_output("logits"), given}, "loss/in_top_k"));
  return graph;
}

Graph add_prediction(const Graph& network, Loss loss) {
  Graph graph = network;
  graph.output("probabilities", add_probabilities(graph, loss));
  return graph;
}

}  // namespace evenkeel
