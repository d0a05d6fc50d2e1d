// SPDX-License-Identifier: Apache-2.0
// Batch norms of a safetensors file that another library made, told by their tensors' names.
#include <array>
#include <string_view>

#include "evenkeel/study/doctor/norm_state.h"

namespace evenkeel::doctor {
namespace {

struct Naming {
  std::string_view mean, variance, gamma, beta, updates;
  double epsilon;
  std::optional<double> keep;
  std::string_view assumed;
};

// PyTorch keeps 1 - momentum 0.1. Keras and TensorFlow store no count of updates.
constexpr std::array<Naming, 2> kNamings = {{
    {"running_mean", "running_var", "weight", "bias", "num_batches_tracked", 1e-5, 0.9,
     "PyTorch's default"},
    {"moving_mean", "moving_variance", "gamma", "beta", "", 1e-3, 0.99,
     "the default of Keras and TensorFlow"},
}};

// TensorFlow's variables end in ":0".
std::string_view without_output(std::string_view name) {
  if (name.ends_with(":0")) name.remove_suffix(2);
  return name;
}

// "bn1" and its separator where the name is "bn1.running_mean" or "bn1/moving_mean".
std::optional<std::string> prefix_of(std::string_view name, std::string_view last) {
  if (name == last) return "";
  if (name.size() <= last.size() || !name.ends_with(last)) return std::nullopt;
  const char before = name[name.size() - last.size() - 1];
  if (before != '.' && before != '/') return std::nullopt;
  return std::string(name.substr(0, name.size() - last.size()));
}

const std::string* name_in(const std::map<std::string, Tensor>& state, const std::string& name) {
  for (const char* output : {"", ":0"})
    if (const auto found = state.find(name + output); found != state.end()) return &found->first;
  return nullptr;
}

// The numbers of the tensor of that name, and the name as the file has it.
Numbers numbers_in(const std::map<std::string, Tensor>& state, const std::string& name,
                   std::string& in_file) {
  const std::string* found = name_in(state, name);
  if (found == nullptr) return {};
  in_file = *found;
  return numbers_of(state.at(*found));
}

}  // namespace

std::vector<NormState> foreign_norm_states(const std::map<std::string, Tensor>& state) {
  std::vector<NormState> norms;
  for (const auto& [name, tensor] : state) {
    for (const Naming& naming : kNamings) {
      const auto prefix = prefix_of(without_output(name), naming.mean);
      if (!prefix) continue;
      const std::string* variance = name_in(state, *prefix + std::string(naming.variance));
      if (variance == nullptr || state.at(*variance).shape != tensor.shape) continue;
      NormState norm;
      norm.layer =
          prefix->empty() ? std::string("batch norm") : prefix->substr(0, prefix->size() - 1);
      norm.mean_name = name;
      norm.variance_name = *variance;
      norm.mean = numbers_of(tensor);
      norm.variance = numbers_of(state.at(*variance));
      norm.gamma = numbers_in(state, *prefix + std::string(naming.gamma), norm.gamma_name);
      norm.beta = numbers_in(state, *prefix + std::string(naming.beta), norm.beta_name);
      norm.epsilon = naming.epsilon;
      norm.keep = naming.keep;
      norm.assumed = naming.assumed;
      std::string counter;
      norm.updates = count_of(numbers_in(state, *prefix + std::string(naming.updates), counter));
      norms.push_back(std::move(norm));
    }
  }
  return norms;
}

}  // namespace evenkeel::doctor
