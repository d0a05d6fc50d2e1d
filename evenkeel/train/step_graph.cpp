#include "evenkeel/train/step_graph.h"

#include "evenkeel/graph/autodiff.h"

namespace evenkeel {
namespace {

Value add_labels(Graph& graph) {
  return graph.add(Input{{DType::i32, Shape{kBatch}, {}, 0}}, {}, "labels");
}

Value slot(Graph& graph, const std::string& kind, const Node& parameter) {
  return graph.add(State{parameter.outputs[0], Role::slot, Initializer::zeros, 0}, {},
                   "state/adam/" + kind + "/" + parameter.name);
}

void add_adam(Graph& graph, const Adam& adam, const std::vector<Value>& parameters,
              const std::vector<Value>& gradients) {
  const Value rate = graph.add(Input{{DType::f64, Shape{}, {}, 0}}, {}, "learning_rate");
  const Value step = graph.add(Input{{DType::i64, Shape{}, {}, 0}}, {}, "step");
  const AdamUpdate rule{adam.beta1, adam.beta2, adam.epsilon, adam.form};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Node parameter = graph.node(parameters[i]);
    const Value m = slot(graph, "m", parameter);
    const Value v = slot(graph, "v", parameter);
    const NodeId node =
        graph.add(rule, {parameters[i], m, v, gradients[i], rate, step}, parameter.name + "/adam")
            .node;
    graph.update(parameters[i], {node, 0});
    graph.update(m, {node, 1});
    graph.update(v, {node, 2});
    graph.check_after({node, 3});
  }
}

}  // namespace

Graph add_training_step(const Graph& network, Loss, const Adam& adam) {
  Graph graph = network;
  std::vector<Value> parameters;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const auto* state = std::get_if<State>(&graph.node(id).op);
    if (state != nullptr && state->role == Role::parameter) parameters.push_back({id, 0});
  }
  const Value labels = add_labels(graph);
  const Value losses =
      graph.add(SoftmaxCrossEntropy{}, {graph.find_output("logits"), labels}, "loss/each");
  const Value loss = graph.add(Mean{}, {losses}, "loss");
  graph.guard(loss);
  graph.output("loss", loss);
  graph.output("correct", graph.add(Sum{}, {{losses.node, 1}}, "loss/correct"));
  add_adam(graph, adam, parameters, gradients(graph, loss, parameters));
  return graph;
}

Graph add_evaluation(const Graph& network, Loss) {
  Graph graph = network;
  const Value logits = graph.find_output("logits");
  const Value losses = graph.add(SoftmaxCrossEntropy{}, {logits, add_labels(graph)}, "loss/each");
  graph.output("losses", losses);
  graph.output("correct", {losses.node, 1});
  graph.output("probabilities", graph.add(Softmax{}, {logits}, "probabilities"));
  return graph;
}

}  // namespace evenkeel
