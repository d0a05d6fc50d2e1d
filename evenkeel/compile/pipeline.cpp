// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/pipeline.h"

#include <algorithm>

#include "evenkeel/base/suggest.h"
#include "evenkeel/compile/common_subexpressions.h"
#include "evenkeel/compile/dead_code.h"
#include "evenkeel/compile/fft_convolutions.h"
#include "evenkeel/compile/fold_batch_norm.h"
#include "evenkeel/compile/fuse_conv_pooling.h"
#include "evenkeel/compile/fuse_epilogue.h"
#include "evenkeel/compile/fuse_inverse_fft.h"
#include "evenkeel/compile/fuse_pooling.h"
#include "evenkeel/compile/fuse_unpooling.h"
#include "evenkeel/compile/fuse_updates.h"
#include "evenkeel/compile/fuse_winograd.h"
#include "evenkeel/compile/layouts.h"
#include "evenkeel/compile/lower.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/narrow_weights.h"
#include "evenkeel/compile/plan_checker.h"
#include "evenkeel/compile/rectify_gradients.h"
#include "evenkeel/compile/simplify.h"
#include "evenkeel/compile/sink_relu_grad.h"
#include "evenkeel/compile/split_statistics.h"
#include "evenkeel/compile/winograd_convolutions.h"

namespace evenkeel {
namespace {

// A channel's variance of a single value is always 0: the layer would output beta whatever it sees.
void require_several_values(const Graph& graph, const Node& node, std::int64_t batch) {
  const Shape shape = graph.type(node.inputs[0]).shape.bound(batch);
  if (shape.elements() > shape.back()) return;
  throw InvalidArgument(std::string(layer_of(node.name)),
                        "batch norm in training expected at least 2 values per channel, got " +
                            to_string(shape) + "; use a larger batch, or drop the last one");
}

// The samples of a group have several values of a channel.
void require_several_values_in(const Graph& graph, const Node& node, std::int64_t size) {
  const Node& each = graph.node(node.inputs[0]);
  if (!std::holds_alternative<ChannelMoments>(each.op)) return;
  const Shape& x = graph.type(each.inputs[0]).shape;
  if (size * x.elements_per_sample() > x.back()) return;
  throw InvalidArgument(std::string(layer_of(node.name)),
                        "ghost batch norm expected at least 2 values per channel in a group, got " +
                            std::to_string(size) + " sample of " + to_string(x) +
                            "; use larger groups");
}

void require_statistics(const Graph& graph, std::int64_t batch) {
  for (const Node& node : graph.nodes()) {
    if (std::holds_alternative<ChannelMoments>(node.op)) require_several_values(graph, node, batch);
    if (const auto* group = std::get_if<GroupMoments>(&node.op))
      require_several_values_in(graph, node, group->size);
  }
}

void require_whole_groups(const Graph& graph, std::int64_t batch) {
  for (const Node& node : graph.nodes()) {
    std::int64_t size = 1;
    if (const auto* moments = std::get_if<GroupMoments>(&node.op)) size = moments->size;
    if (const auto* sums = std::get_if<GroupSums>(&node.op)) size = sums->size;
    if (batch % size == 0) continue;
    const std::int64_t fewer = batch / size * size;
    throw InvalidArgument(std::string(layer_of(node.name)),
                          "ghost batch norm expected a batch of whole groups of " +
                              std::to_string(size) + " samples, got " + std::to_string(batch) +
                              "; use a batch of " +
                              (fewer > 0 ? std::to_string(fewer) + " or " : std::string()) +
                              std::to_string(fewer + size) + ", or groups of a size that divides " +
                              std::to_string(batch));
  }
}

std::shared_ptr<const Plan> finish(PassRunner& passes, const CompileOptions& options) {
  // What the modes and the gradients left behind: neutral factors, reshapes of reshapes, doubled
  // biases.
  passes.run("simplify", simplify);
  // Before sharing, because a map that only a gradient still reads would keep two readers.
  passes.run("sink_relu_grad", sink_relu_grad);
  passes.run("split_statistics", split_statistics);
  // Before spectra, which take what is left: of 3 x 3 kernels tiles are less work.
  passes.run("winograd_convolutions", [&](const Graph& graph) {
    return winograd_convolutions(graph, options.batch, options.machine, options.passes.math);
  });
  // Before sharing, which makes each spectrum once.
  passes.run("fft_convolutions", [&](const Graph& graph) {
    return fft_convolutions(graph, options.batch, options.machine);
  });
  passes.run("share_common_subexpressions", share_common_subexpressions);
  // Before fusing, so that only real readers are counted.
  passes.run("remove_dead_code", remove_dead_code);
  passes.run("rectify_gradients", rectify_gradients);
  passes.run("remove_masked", remove_dead_code);
  // Before epilogues, which would take the same ReLUs.
  passes.run("fuse_winograd", [&](const Graph& graph) {
    return fuse_winograd(graph, options.batch, options.machine);
  });
  passes.run("fuse_unpooling", [&](const Graph& graph) {
    return fuse_unpooling(graph, options.batch, options.machine);
  });
  passes.run("fuse_pooling", fuse_pooling);
  passes.run("fuse_epilogues", fuse_epilogues);
  passes.run("fuse_conv_pooling", [&](const Graph& graph) {
    return fuse_conv_pooling(graph, options.batch, options.machine);
  });
  // Behind fuse_epilogues, which would put what follows a pooling into the op that ends with it.
  passes.run("fuse_inverse_fft", [&](const Graph& graph) {
    return fuse_inverse_fft(graph, options.batch, options.machine);
  });
  passes.run("fuse_updates", [&](const Graph& graph) {
    return fuse_updates(graph, options.batch, options.machine);
  });
  passes.run("remove_fused", remove_dead_code);
  // Layouts last: they depend on the kernels that the final ops get.
  passes.require("insert_reorders", [&](const Graph& graph) {
    return insert_reorders(graph, options.batch, options.machine);
  });
  passes.run("share_reorders", share_common_subexpressions);
  passes.run("remove_unread", remove_dead_code);

  auto plan = std::make_shared<Plan>(lower(passes.graph(), options.batch, options.machine));
  plan->passes = passes.records();
  check_plan(*plan);
  return plan;
}

// Those that a plan can do without.
const std::vector<std::string>& optional_passes() {
  static const std::vector<std::string> names = {"simplify",         "sink_relu_grad",
                                                 "split_statistics", "winograd_convolutions",
                                                 "fft_convolutions", "share_common_subexpressions",
                                                 "remove_dead_code", "rectify_gradients",
                                                 "remove_masked",    "fuse_winograd",
                                                 "fuse_unpooling",   "fuse_pooling",
                                                 "fuse_epilogues",   "fuse_conv_pooling",
                                                 "fuse_inverse_fft", "fuse_updates",
                                                 "remove_fused",     "fold_batch_norm",
                                                 "share_reorders",   "remove_unread"};
  return names;
}

void require_options(const CompileOptions& options) {
  if (options.batch < 1)
    throw InvalidArgument("batch",
                          "expected at least 1 sample, got " + std::to_string(options.batch));
  const auto& known = optional_passes();
  for (const std::string& name : options.passes.disabled)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw InvalidArgument("disabled passes",
                            "expected the name of a pass that can be left out, "
                            "got '" +
                                name + "'" + did_you_mean(name, known));
}

std::string run_name(const char* what, const CompileOptions& options) {
  const bool folds = options.passes.disabled.count("fold_batch_norm") == 0;
  return std::string(what) + (folds ? "-" : "-unfolded-") + std::to_string(options.batch);
}

}  // namespace

std::shared_ptr<const Plan> compile_training_step(const Graph& model, const AddStep& add_step,
                                                  const CompileOptions& options) {
  require_options(options);
  PassRunner passes(model, Level::model, options.passes, run_name("training", options));
  passes.expect(Level::training);
  passes.require("to_training", [&](const Graph& graph) {
    Graph result = to_training(graph);
    require_whole_groups(result, options.batch);
    require_statistics(result, options.batch);
    return result;
  });
  // Loss, gradients and updates: from here on the graph is the whole step.
  passes.require("add_step", add_step);
  return finish(passes, options);
}

std::shared_ptr<const Plan> compile_inference(const Graph& model, const CompileOptions& options) {
  require_options(options);
  PassRunner passes(model, Level::model, options.passes, run_name("inference", options));
  passes.expect(Level::inference);
  passes.require("to_inference", to_inference);
  // Before simplify, which merges the bias that folding adds with the layer's own.
  passes.run("fold_batch_norm", fold_batch_norm);
  // Behind folding, so that what is multiplied is what was rounded.
  if (options.passes.weights == Weights::bf16)
    passes.require("narrow_weights", [&](const Graph& graph) {
      return narrow_weights(graph, options.batch, options.machine);
    });
  return finish(passes, options);
}

std::shared_ptr<const Plan> compile_graph(const Graph& graph, Level level,
                                          const CompileOptions& options) {
  require_options(options);
  require_whole_groups(graph, options.batch);
  if (level == Level::training) require_statistics(graph, options.batch);
  PassRunner passes(graph, level, options.passes, run_name("graph", options));
  return finish(passes, options);
}

}  // namespace evenkeel
