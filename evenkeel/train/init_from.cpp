// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/init_from.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/statistics.h"

namespace evenkeel {
namespace {

using Names = std::set<std::string>;

template <typename To>
Tensor converted(const Tensor& tensor) {
  const auto to = [&](const auto& values) {
    return Tensor::of<To>(tensor.shape, std::vector<To>(values.begin(), values.end()));
  };
  return tensor.dtype == DType::f32 ? to(tensor.values<float>()) : to(tensor.values<double>());
}

// The tensor in another float type.
Tensor with_dtype(const Tensor& tensor, DType dtype) {
  if (tensor.dtype == dtype) return tensor;
  return dtype == DType::f32 ? converted<float>(tensor) : converted<double>(tensor);
}

// The states of a network: its weights and statistics.
Names states_of(const Graph& network) {
  Names names;
  for (const Node& node : network.nodes())
    if (std::holds_alternative<State>(node.op)) names.insert(node.name);
  return names;
}

struct Pairing {
  LoadReport report;
  std::map<std::string, Tensor> copied;
};

Pairing paired(const Trainer& trainer, const Checkpoint& checkpoint) {
  Pairing result;
  const Names here = states_of(trainer.model().graph());
  const Names there = states_of(checkpoint.network);
  for (const std::string& name : here) {
    if (there.count(name) == 0) {
      result.report.missing.push_back(name);
      continue;
    }
    const Tensor own = trainer.state(name);
    const Tensor& given = checkpoint.tensors.at(name);
    const bool converts = is_float(own.dtype) && is_float(given.dtype);
    if (own.shape == given.shape && (own.dtype == given.dtype || converts))
      result.copied[name] = with_dtype(given, own.dtype);
    else
      result.report.other_shapes.push_back({name, own.shape, given.shape});
  }
  std::set_difference(there.begin(), there.end(), here.begin(), here.end(),
                      std::back_inserter(result.report.unused));
  return result;
}

// Statistics of a layer that lacks one of them are none: a count beside initial ones would make
// them look trained.
void drop_partial_statistics(const Graph& network, Pairing& pairing) {
  for (const Node& layer : network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(layer.op)) continue;
    Names statistics;
    for (const Value& input : layer.inputs) {
      const auto* state = std::get_if<State>(&network.node(input).op);
      if (state != nullptr && state->role == Role::statistic)
        statistics.insert(network.node(input).name);
    }
    const auto is_copied = [&](const std::string& name) { return pairing.copied.contains(name); };
    if (std::all_of(statistics.begin(), statistics.end(), is_copied)) continue;
    for (const std::string& name : statistics)
      if (pairing.copied.erase(name) > 0 && is_float(network.type({network.find(name), 0}).dtype))
        pairing.report.missing.push_back(name);
  }
  std::sort(pairing.report.missing.begin(), pairing.report.missing.end());
}

void require_good(const Pairing& pairing, const Trainer& trainer, const Checkpoint& checkpoint,
                  const std::string& where) {
  const Graph& network = trainer.model().graph();
  const auto is_weight = [&](const auto& pair) {
    return trained(std::get<State>(network.node(network.find(pair.first)).op).role);
  };
  if (std::none_of(pairing.copied.begin(), pairing.copied.end(), is_weight)) {
    const Names names = states_of(checkpoint.network);
    throw DataError(where, "expected a weight of the name and shape of one of " + network.name() +
                               "'s, found none: it is of " + checkpoint.network.name() +
                               (names.empty() ? "" : ", with '" + *names.begin() + "'") +
                               "; name the layers alike, or start without it");
  }
  for (const auto& [name, tensor] : pairing.copied)
    if (const std::string fault = statistic_fault(network, name, tensor); !fault.empty())
      throw DataError(where, "tensor '" + name + "': " + fault);
}

}  // namespace

LoadReport init_from(Trainer& trainer, const std::filesystem::path& path) {
  return init_from(trainer, Checkpoint::read(path), path);
}

LoadReport init_from(Trainer& trainer, const Checkpoint& checkpoint,
                     const std::filesystem::path& path) {
  if (trainer.completed_steps() > 0)
    throw InvalidArgument(path.string(),
                          "expected a trainer that has not trained yet to start from it, got one "
                          "after " +
                              std::to_string(trainer.completed_steps()) + " steps");
  Pairing pairing = paired(trainer, checkpoint);
  drop_partial_statistics(trainer.model().graph(), pairing);
  require_good(pairing, trainer, checkpoint, path.string());
  for (const auto& [name, tensor] : pairing.copied) {
    trainer.set_state(name, tensor);
    pairing.report.matched.push_back(name);
  }
  return std::move(pairing.report);
}

namespace {

std::string lines(const std::string& what, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "  " + what + ": " + name + "\n";
  return text;
}

}  // namespace

std::string to_text(const LoadReport& report) {
  std::vector<std::string> shapes;
  for (const LoadReport::OtherShape& each : report.other_shapes)
    shapes.push_back(each.name + " " + to_string(each.here) + ", there " + to_string(each.there));
  return std::to_string(report.matched.size()) + " tensors matched, " +
         std::to_string(report.missing.size()) + " missing, " +
         std::to_string(report.other_shapes.size()) + " of another shape, " +
         std::to_string(report.unused.size()) + " unused\n" + lines("missing", report.missing) +
         lines("of another shape", shapes) + lines("unused", report.unused);
}

}  // namespace evenkeel
