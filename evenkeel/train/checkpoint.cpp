// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/checkpoint.h"

#include <nlohmann/json.hpp>

#include "evenkeel/base/version.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/kernels/kernel.h"
#include "evenkeel/model/initialise.h"
#include "evenkeel/train/settings_json.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/weight_averaging.h"

namespace evenkeel {
namespace {

using SortedJson = nlohmann::json;

constexpr const char* kFormatVersion = "1";
constexpr const char* kStep = "state/step";
constexpr std::string_view kRun = "state/run/";  // before the name of a tensor that training had

SortedJson to_json(const NumericEnvironment& environment) {
  SortedJson json = SortedJson::object();
  json["version"] = environment.version;
  json["instruction_set"] = environment.instruction_set;
  json["onednn"] = environment.onednn;
  json["threads"] = environment.threads;
  return json;
}

NumericEnvironment environment_from(const SortedJson& json) {
  return {json.at("version").get<std::string>(), json.at("instruction_set").get<std::string>(),
          json.at("onednn").get<std::string>(), json.at("threads").get<int>()};
}

// "bn1/moving_mean" of "state/run/bn1/moving_mean"; any other name as it is.
std::string without_run(const std::string& name) {
  return name.starts_with(kRun) ? name.substr(kRun.size()) : name;
}

// Each state that the network's text asks for is among the tensors (an f32 one may have been
// trained in f64): what is allocated for the network is then no more than the file bears out.
void require_states(const Graph& network, const SafetensorsFile& file) {
  for (const Node& node : network.nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr) continue;
    const ValueType& type = state->type;
    const auto found = file.tensors.find(node.name);
    if (found == file.tensors.end())
      throw DataError("network", "expected a tensor for its state '" + node.name + "' " +
                                     to_string(type) + ", the file has none");
    const Tensor& tensor = found->second;
    const bool dtype_fits =
        tensor.dtype == type.dtype || (is_float(tensor.dtype) && is_float(type.dtype));
    if (!dtype_fits || tensor.shape != type.shape || !type.layout.dense())
      throw DataError("network", "expected a tensor for its state '" + node.name + "' " +
                                     to_string(type) + ", the file has " +
                                     std::string(to_string(tensor.dtype)) +
                                     to_string(tensor.shape));
  }
}

constexpr std::int64_t kLargestMap = std::int64_t{1} << 30;  // bytes for one image
constexpr std::int64_t kLargestConstant = std::int64_t{1} << 20;

// Nor may what it computes be larger than any network that is meant: a few letters of text state a
// map or a constant of any size.
void require_modest_values(const Graph& network) {
  for (const Node& node : network.nodes()) {
    if (std::holds_alternative<State>(node.op)) continue;
    const bool constant = std::holds_alternative<Constant>(node.op);
    const std::int64_t most = constant ? kLargestConstant : kLargestMap;
    for (const ValueType& type : node.outputs)
      if (type.bytes(1) > most)
        throw DataError("network", "expected at most " + std::to_string(most) + " bytes for " +
                                       (constant ? "a constant" : "one image") + " at '" +
                                       node.name + "', it asks for " + to_string(type));
  }
}

SafetensorsFile read_of_this_version(const std::filesystem::path& path) {
  SafetensorsFile file = SafetensorsFile::read(path);
  const std::string& version = file.metadata_value("format_version");
  if (version != kFormatVersion)
    throw DataError(path.string(), "expected a checkpoint of format_version " +
                                       std::string(kFormatVersion) + ", got " + version +
                                       "; it needs another version of evenkeel");
  return file;
}

// What the file means, whatever its checksums say.
Checkpoint parse(SafetensorsFile file, const std::filesystem::path& path) {
  Checkpoint checkpoint;
  try {
    checkpoint.network = parse_graph(file.metadata_value("network"));
    add_settled_counts(checkpoint.network, file.tensors);
    require_states(checkpoint.network, file);
    require_modest_values(checkpoint.network);
    checkpoint.settings = settings_from_json_text(file.metadata_value("settings"));
    checkpoint.environment =
        from_json_text<SortedJson>(file.metadata_value("environment"), environment_from);
    checkpoint.notes = from_json_text<SortedJson>(
        file.metadata_value("notes"),
        [](const SortedJson& json) { return json.get<decltype(checkpoint.notes)>(); });
    const Tensor& step = file.tensor(kStep);
    if (step.dtype != DType::i64 || step.shape != Shape{} || step.values<std::int64_t>()[0] < 0)
      throw DataError(path.string(), "expected state/step as one i64 of at least 0");
    checkpoint.step = step.values<std::int64_t>()[0];
  } catch (const DataError& error) {
    throw DataError(path.string(), std::string("holds no good checkpoint: ") + error.what());
  } catch (const SortedJson::exception& error) {
    throw DataError(path.string(),
                    std::string("expected the settings of a checkpoint, got ") + error.what());
  } catch (const InvalidArgument& error) {
    throw DataError(path.string(), std::string("holds no valid network: ") + error.what());
  }
  checkpoint.tensors = std::move(file.tensors);
  checkpoint.tensors.erase(kStep);
  return checkpoint;
}

}  // namespace

NumericEnvironment numeric_environment(int threads) {
  return {kVersion, instruction_set(), onednn_kernels().empty() ? "none" : "3", threads};
}

Checkpoint Checkpoint::read(const std::filesystem::path& path) {
  SafetensorsFile file = read_of_this_version(path);
  verify_checksums(file);
  return parse(std::move(file), path);
}

Checkpoint::Damaged Checkpoint::read_damaged(const std::filesystem::path& path) {
  SafetensorsFile file = read_of_this_version(path);
  std::vector<ChecksumFault> faults = checksum_faults(file);
  return {parse(std::move(file), path), std::move(faults)};
}

Model Checkpoint::model(const std::filesystem::path& path) const {
  try {
    return Model(network);
  } catch (const InvalidArgument& error) {
    throw DataError(path.string(), std::string("holds no network of images: ") + error.what());
  }
}

StagedSafetensors stage_checkpoint(const std::filesystem::path& path, const Checkpoint& about,
                                   const StateStore& state,
                                   const std::map<std::string, Tensor>& predicting) {
  TensorViews views;
  for (const StateStore::Entry& entry : state.entries()) {
    if (entry.name.starts_with(kAccumulated)) continue;
    const auto found = predicting.find(entry.name);
    const bool replaced = found != predicting.end();
    if (replaced) views[entry.name] = found->second;
    views[replaced ? std::string(kRun) + entry.name : entry.name] =
        TensorView(entry.type.dtype, entry.type.shape, state.bytes(entry));
  }
  const Tensor step = Tensor::of<std::int64_t>(Shape{}, {about.step});
  views[kStep] = step;
  Metadata metadata;
  metadata["format_version"] = kFormatVersion;
  metadata["network"] = to_text(about.network);
  metadata["settings"] = to_json_text(about.settings);
  metadata["environment"] = json_text(to_json(about.environment));
  metadata["notes"] = json_text(SortedJson(about.notes));
  return StagedSafetensors(path, views, metadata);
}

namespace {

// Is it a slot of a parameter that `network` has frozen? "state/adam/m/bn1/gamma".
bool slot_of_frozen(const std::string& name, const Graph& network) {
  std::size_t at = 0;
  for (int slashes = 0; slashes < 3; ++slashes) {
    at = name.find('/', at);
    if (at == std::string::npos) return false;
    ++at;
  }
  const std::string parameter = name.substr(at);
  if (!name.starts_with("state/") || !network.contains(parameter)) return false;
  const auto* state = std::get_if<State>(&network.node(network.find(parameter)).op);
  return state != nullptr && state->frozen;
}

// May a run predict with another tensor than training has?
bool may_be_replaced(const Checkpoint& checkpoint, const StateStore::Entry& entry) {
  const bool averages = checkpoint.settings.average.kind != WeightAverage::Kind::none;
  return entry.role == Role::statistic || (averages && trained(entry.role));
}

}  // namespace

void require_restorable(const Checkpoint& checkpoint, const Graph& network, const StateStore& state,
                        const std::string& where) {
  const auto require_type = [&](const std::string& name, const Tensor& tensor,
                                const ValueType& type) {
    if (tensor.dtype != type.dtype || tensor.shape != type.shape)
      throw DataError(where, "is of another network: tensor '" + name + "' is " +
                                 std::string(to_string(tensor.dtype)) + to_string(tensor.shape) +
                                 ", expected " + to_string(type));
  };
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::string own = without_run(name);
    if (slot_of_frozen(name, network) || is_of_average(name)) continue;
    if (!state.contains(own) || (own != name && !may_be_replaced(checkpoint, state.entry(own))))
      throw DataError(where, "is of another network: it holds tensor '" + name +
                                 "', which this network does not have");
  }
  for (const StateStore::Entry& entry : state.entries()) {
    const auto found = checkpoint.tensors.find(entry.name);
    const bool begins_anew = entry.name.starts_with(kAccumulated) || is_of_average(entry.name) ||
                             slot_of_frozen(entry.name, checkpoint.network);
    if (found == checkpoint.tensors.end() && begins_anew) continue;
    if (found == checkpoint.tensors.end())
      throw DataError(where, "is of another network: it lacks tensor '" + entry.name + "' " +
                                 to_string(entry.type));
    require_type(entry.name, found->second, entry.type);
  }
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::string own = without_run(name);
    if (!state.contains(own)) continue;  // a slot of what is frozen here
    require_type(name, tensor, state.entry(own).type);
    if (const std::string fault = statistic_fault(checkpoint.network, own, tensor); !fault.empty())
      throw DataError(where, "tensor '" + name + "': " + fault);
  }
}

void restore_state(const Checkpoint& checkpoint, const Graph& network, StateStore& state,
                   const std::string& where) {
  require_restorable(checkpoint, network, state, where);
  for (const StateStore::Entry& entry : state.entries()) {
    const auto found = checkpoint.tensors.find(entry.name);
    const auto own = checkpoint.tensors.find(std::string(kRun) + entry.name);
    if (own != checkpoint.tensors.end())
      state.set(entry.name, own->second);
    else if (found != checkpoint.tensors.end())
      state.set(entry.name, found->second);
    else  // slots begin as zeros
      state.set(entry.name, Tensor(entry.type.dtype, entry.type.shape));
  }
}

namespace {

// The initial value of the state, in the type that the tensor has.
void begin_anew(State state, const std::string& name, Tensor& tensor) {
  tensor = Tensor(tensor.dtype, tensor.shape);
  state.type.dtype = tensor.dtype;
  initialise(state, name, 0, tensor.bytes);
}

}  // namespace

std::vector<std::string> forget_invalid_statistics(Checkpoint& checkpoint) {
  std::vector<std::string> forgotten;
  for (const Node& layer : checkpoint.network.nodes()) {
    if (!std::holds_alternative<BatchNorm>(layer.op)) continue;
    std::string fault;
    std::vector<std::pair<std::string, const State*>> statistics;
    for (const Value& input : layer.inputs) {
      const Node& node = checkpoint.network.node(input);
      const auto* state = std::get_if<State>(&node.op);
      if (state == nullptr || state->role != Role::statistic) continue;
      for (const std::string& name : {node.name, std::string(kRun) + node.name}) {
        const auto found = checkpoint.tensors.find(name);
        if (found == checkpoint.tensors.end()) continue;
        statistics.emplace_back(name, state);
        if (fault.empty()) {
          fault = statistic_fault(checkpoint.network, node.name, found->second);
          if (!fault.empty()) fault = layer.name + ": '" + name + "' " + fault;
        }
      }
    }
    if (fault.empty()) continue;
    forgotten.push_back(fault);
    for (const auto& [name, state] : statistics)
      begin_anew(*state, name, checkpoint.tensors.at(name));
  }
  return forgotten;
}

std::map<std::string, Tensor> predicting_tensors(const Checkpoint& checkpoint) {
  std::map<std::string, Tensor> result;
  for (const auto& [name, tensor] : checkpoint.tensors)
    if (const std::string own = without_run(name); own != name)
      result.emplace(own, checkpoint.tensors.at(own));
  return result;
}

}  // namespace evenkeel
